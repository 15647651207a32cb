"""Asks for a page twice over one connection of http.client. Usage: ask_by_tls HOST:PORT CERTIFICATE"""
import http.client
import ssl
import sys

host, port = sys.argv[1].split(":")
connection = http.client.HTTPSConnection("localhost", int(port), context=ssl.create_default_context(cafile=sys.argv[2]))
for _ in range(2):
    connection.request("POST", "/echo", body=b"x" * 100_000)
    answer = connection.getresponse()
    print(answer.status, len(answer.read()))
