"""asyncio's streams, with as much HTTP as a kept-alive GET takes."""
import asyncio
import os

from pages import Counter

counter = Counter()


async def serve(reader, writer):
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            break
        status, content_type, body = counter.answer(head.split(b" ", 2)[1].decode())
        writer.write(f"HTTP/1.1 {status} -\r\nContent-Type: {content_type}\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


asyncio.run(main())
