"""An ASGI app, for uvicorn."""
from pages import Counter

counter = Counter()


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    status, content_type, body = counter.answer(scope["path"])
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
