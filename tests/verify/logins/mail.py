# An SMTP server with one login; its log is what it was told. Arguments: port, user, password, certificate, key.
import logging
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

port, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
logging.basicConfig(level=logging.INFO, stream=sys.stderr)


def check(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
    print(mechanism, session.ssl is not None, right, flush=True)
    return AuthResult(success=right, handled=False)


context = None
if len(sys.argv) > 4:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
Controller(object(), "127.0.0.1", port, authenticator=check, tls_context=context,
           auth_require_tls=context is not None).start()
while True:
    time.sleep(60)
