def orders_of(cursor, email):
    # ruleid: assistant.python.sql-string-built
    cursor.execute(f"SELECT id FROM orders WHERE email = '{email}'")
    # ruleid: assistant.python.sql-string-built
    cursor.execute("SELECT id FROM orders WHERE email = '%s'" % email)
    # ok: assistant.python.sql-string-built
    cursor.execute("SELECT id FROM orders WHERE email = %s", (email,))
    # ok: assistant.python.sql-string-built
    cursor.execute("SELECT id FROM orders")


def count(connection, table):
    query = f"SELECT count(*) FROM {table}"
    # ruleid: assistant.python.sql-string-built
    return connection.fetch_one(query)


def count_orders(connection):
    query = "SELECT count(*) FROM orders"
    # ok: assistant.python.sql-string-built
    return connection.fetch_one(query)
