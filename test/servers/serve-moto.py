"""moto's services behind a web server that keeps connections, as AWS does; moto's own closes each after one answer.

Says where it runs, then a line for each call: method, path with query.
"""

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress import create_server

# Everything passes through memory: a reference's features are 9 MB.
WHOLE = 1 << 30

app = DomainDispatcherApplication(create_backend_app)


def logged(environ, start_response):
    query = environ.get("QUERY_STRING", "")
    path = environ["PATH_INFO"] + (f"?{query}" if query else "")
    print(environ["REQUEST_METHOD"], path, flush=True)
    return app(environ, start_response)


server = create_server(
    logged,
    host="127.0.0.1",
    port=0,
    threads=24,
    connection_limit=1000,
    # moto keeps large objects in open files: of more than a thousand select() knows nothing.
    asyncore_use_poll=True,
    max_request_body_size=WHOLE,
    inbuf_overflow=WHOLE,
    outbuf_overflow=WHOLE,
    outbuf_high_watermark=WHOLE,
)
print(f"Running on http://127.0.0.1:{server.effective_port}", flush=True)
server.run()
