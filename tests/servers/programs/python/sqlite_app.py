"""A database that is opened and filled before the first request. /add adds a note and tells how many there are."""
import os
import sqlite3
from http.server import BaseHTTPRequestHandler, HTTPServer

database = sqlite3.connect(os.environ.get("DATABASE", ":memory:"))
database.execute("PRAGMA journal_mode=" + os.environ.get("JOURNAL", "delete"))
database.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")
database.execute("DELETE FROM notes")
database.executemany("INSERT INTO notes (text) VALUES (?)", ((f"note {number}",) for number in range(1000)))
database.commit()


def count():
    return database.execute("SELECT count(*), max(id), length(group_concat(text)) FROM notes").fetchone()


def add():
    with database:
        database.execute("INSERT INTO notes (text) VALUES ('a note of a request')")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/add":
            add()
        body = f"{count()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
