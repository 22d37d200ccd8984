"""Serves the page as it is in its folder, and passes all else on to a running bridge: for a page that is newer than the bridge."""
import http.client
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

from mock_bridge import PAGE, POLICY, TYPES, QuietServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bridge = ("127.0.0.1", 8080)

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def do_DELETE(self):
        self.serve()

    def serve(self):
        file = PAGE / (urllib.parse.urlsplit(self.path).path.lstrip("/") or "index.html")
        if self.command == "GET" and file.parent == PAGE and file.is_file():
            body = file.read_bytes()
            self.head(200, {"Content-Type": TYPES[file.suffix], "Content-Length": len(body),
                            "Content-Security-Policy": POLICY, "Cache-Control": "no-store"})
            self.wfile.write(body)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # One connection a request, which ends with it: a stream ends when its reader goes away.
        self.close_connection = True
        bridge = http.client.HTTPConnection(*self.bridge)
        try:
            kept = {key: self.headers[key] for key in ("Authorization", "Content-Type") if key in self.headers}
            bridge.request(self.command, self.path, body or None, kept)
            answer = bridge.getresponse()
            self.head(answer.status, {"Content-Type": answer.getheader("Content-Type"), "Connection": "close"})
            while some := answer.read1(65536):
                self.wfile.write(some)
        except OSError:
            return
        finally:
            bridge.close()

    def head(self, status, fields):
        self.send_response(status)
        for key, value in fields.items():
            if value is not None:
                self.send_header(key, str(value))
        self.end_headers()


def serve(bridge):
    """Returns the URL of the page before that bridge."""
    target = urllib.parse.urlsplit(bridge)
    handler = type("BoundHandler", (Handler,), {"bridge": (target.hostname, target.port or 80)})
    server = QuietServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"
