"""Flask under the standard library's wsgiref, which closes after each answer; gunicorn may serve it, too."""
import os
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask import Flask, Response, request

from pages import Counter

app = Flask(__name__)
counter = Counter()


@app.route("/")
@app.route("/page")
@app.route("/count")
def answer():
    status, content_type, body = counter.answer(request.path)
    return Response(body, status, content_type=content_type)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    make_server("127.0.0.1", int(os.environ["PORT"]), app, handler_class=QuietHandler).serve_forever()
