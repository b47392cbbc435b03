module fernhill.example/worker

go 1.23

require github.com/jackc/pgx/v5 v5.7.6
