import os

# ruleid: assistant.python.hard-coded-secret
SIGNING_KEY = "example-signing-key"
# ruleid: assistant.python.hard-coded-secret
db_password = "change-me-please"
# ok: assistant.python.hard-coded-secret
API_KEY = os.environ["SHOP_API_KEY"]
# ok: assistant.python.hard-coded-secret
TOKEN = ""
# ok: assistant.python.hard-coded-secret
GREETING = "good-morning"
