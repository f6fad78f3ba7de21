"""An RTSP server by GStreamer. Plan as JSON in argv; raw I420 frames on stdin; prints its port, then nothing.

plan: width, height, fps, keySeconds, codec (h264|h265), login ([user, password] or null), digest (bool),
      aspect of a pixel ("16/11" or null), interlaced (bool)
"""
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

plan = json.loads(sys.argv[1])
Gst.init(None)
PATH = "/stream1"
ROLE = "viewer"
FRAME_BYTES = plan["width"] * plan["height"] * 3 // 2
key = int(plan["fps"] * plan["keySeconds"])
sources = []


def launch_line():
    caps = (
        f"video/x-raw,format=I420,width={plan['width']},height={plan['height']},framerate={plan['fps']}/1"
        f",pixel-aspect-ratio={plan.get('aspect') or '1/1'}"
        f",interlace-mode={'interleaved' if plan.get('interlaced') else 'progressive'}"
    )
    source = f"appsrc name=src is-live=true do-timestamp=true format=time max-buffers=2 leaky-type=downstream caps={caps}"
    if plan["codec"] == "h265":
        encoder = f"x265enc speed-preset=ultrafast tune=zerolatency key-int-max={key} option-string=pools=1:frame-threads=1"
        return f"( {source} ! {encoder} ! h265parse ! rtph265pay name=pay0 pt=96 config-interval=-1 )"
    interlaced = "interlaced=true" if plan.get("interlaced") else ""
    encoder = (
        f"x264enc speed-preset=ultrafast tune=zerolatency sliced-threads=false threads=1 key-int-max={key} {interlaced}"
    )
    return f"( {source} ! {encoder} ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"


def feed():
    while True:
        frame = sys.stdin.buffer.read(FRAME_BYTES)
        if len(frame) < FRAME_BYTES:
            return
        for source in list(sources):
            source.emit("push-buffer", Gst.Buffer.new_wrapped(frame))


def authentication(user, password):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    if plan["digest"]:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    return auth


def on_configure(_factory, media):
    source = media.get_element().get_by_name("src")
    sources.append(source)
    media.connect("unprepared", lambda _media: sources.remove(source))


server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(launch_line())
factory.set_shared(True)
factory.connect("media-configure", on_configure)
if plan["login"]:
    user, password = plan["login"]
    server.set_auth(authentication(user, password))
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(ROLE, "media.factory.access", True)
    permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory(PATH, factory)
server.attach(None)
threading.Thread(target=feed, daemon=True).start()
print(f"port {server.get_bound_port()}", flush=True)
GLib.MainLoop().run()
