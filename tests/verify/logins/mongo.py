# The login of MongoDB, from the server's side (RFC 5802; OP_MSG and BSON as far as they go): no package of
# Debian's has the server itself. Arguments: port, user, password, mechanism. Its log is the commands.
import base64
import hashlib
import hmac
import os
import socketserver
import struct
import sys

port, user, password, mechanism = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
name = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}[mechanism]
if name == "sha1":
    password = hashlib.md5(f"{user}:mongo:{password}".encode()).hexdigest()
salt, rounds = os.urandom(16), 4096
salted = hashlib.pbkdf2_hmac(name, password.encode(), salt, rounds)


def sign(key, text):
    return hmac.new(key, text, name).digest()


def read(data):
    at, fields = 4, {}
    while data[at]:
        kind, end = data[at], data.index(0, at + 1)
        key, at = data[at + 1:end].decode(), end + 1
        size = struct.unpack_from("<i", data, at)[0]
        if kind == 0x10:
            fields[key], at = size, at + 4
        elif kind == 0x02:
            fields[key], at = data[at + 4:at + 3 + size].decode(), at + 4 + size
        elif kind == 0x05:
            fields[key], at = data[at + 5:at + 5 + size], at + 5 + size
        elif kind == 0x08:
            fields[key], at = bool(data[at]), at + 1
        else:
            fields[key], at = None, at + size
    return fields


def write(fields):
    body = b""
    for key, value in fields.items():
        key = key.encode() + b"\0"
        if isinstance(value, bool):
            body += b"\x08" + key + bytes([value])
        elif isinstance(value, float):
            body += b"\x01" + key + struct.pack("<d", value)
        elif isinstance(value, int):
            body += b"\x10" + key + struct.pack("<i", value)
        elif isinstance(value, bytes):
            body += b"\x05" + key + struct.pack("<i", len(value)) + b"\0" + value
        elif isinstance(value, list):
            body += b"\x04" + key + write({str(at): item for at, item in enumerate(value)})
        else:
            body += b"\x02" + key + struct.pack("<i", len(value) + 1) + value.encode() + b"\0"
    return struct.pack("<i", len(body) + 5) + body + b"\0"


class Server(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.rfile.read(16):
            length, number = struct.unpack("<ii", head[:8])
            command = read(self.rfile.read(length - 16)[5:])
            print(*list(command)[:1], flush=True)
            answer = write(self.answer(command))
            head = struct.pack("<iiiii", 21 + len(answer), 1, number, 2013, 0)
            self.wfile.write(head + b"\0" + answer)

    def answer(self, command):
        if "hello" in command:
            return {"ok": 1.0, "saslSupportedMechs": [mechanism]}
        fail = {"ok": 0.0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "Authentication failed."}
        said = command["payload"].decode()
        if "saslStart" in command:
            if command["mechanism"] != mechanism or command["$db"] != "accounts":
                return fail
            self.bare = said[3:]
            fields = dict(field.split("=", 1) for field in self.bare.split(","))
            if fields["n"] != user:
                return fail
            self.first = f"r={fields['r']}x,s={base64.b64encode(salt).decode()},i={rounds}"
            return {"ok": 1.0, "conversationId": 1, "done": False, "payload": self.first.encode()}
        without, proof = said.rsplit(",p=", 1)
        text = f"{self.bare},{self.first},{without}".encode()
        stored = hashlib.new(name, sign(salted, b"Client Key")).digest()
        key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), sign(stored, text)))
        if hashlib.new(name, key).digest() != stored:
            return fail
        proof = base64.b64encode(sign(sign(salted, b"Server Key"), text)).decode()
        return {"ok": 1.0, "conversationId": 1, "done": True, "payload": f"v={proof}".encode()}


socketserver.ThreadingTCPServer(("127.0.0.1", port), Server).serve_forever()
