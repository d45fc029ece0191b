"""Takes what exporters send, over OTLP/HTTP and OTLP/gRPC, on the loopback interface, and keeps the bodies as they came."""

import concurrent.futures
import gzip
import http.server
import threading

import grpc

SIGNALS = {"/v1/traces": "traces", "/v1/logs": "logs", "/v1/metrics": "metrics", "/payload": "payload"}
METHODS = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
}


class Receiver:
    """The bodies of one scenario, as pairs of a signal and bytes."""

    def __init__(self):
        self.bodies = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.bodies.append((SIGNALS[self.path], body))
                answer = b"{}" if self.headers["content-type"] == "application/json" else b""
                self.send_response(200)
                self.send_header("content-type", self.headers["content-type"])
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        class Calls(grpc.GenericRpcHandler):
            def service(self, details):
                signal = METHODS.get(details.method)

                def export(body, _context):
                    receiver.bodies.append((signal, body))
                    return b""

                return grpc.unary_unary_rpc_method_handler(export) if signal else None

        http_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=http_server.serve_forever, daemon=True).start()
        self.http = f"http://127.0.0.1:{http_server.server_port}"
        self._grpc = grpc.server(concurrent.futures.ThreadPoolExecutor(2), handlers=(Calls(),))
        self.grpc = f"127.0.0.1:{self._grpc.add_insecure_port('127.0.0.1:0')}"
        self._grpc.start()

    def take(self):
        """What came since the last time."""
        bodies, self.bodies = self.bodies, []
        return bodies
