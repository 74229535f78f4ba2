"""RTMP between FFmpeg, librtmp's rtmpdump and nginx's RTMP module, with the messages as Wireshark shows them. Needs tshark, ffmpeg,
rtmpdump, nginx-light and libnginx-mod-rtmp."""
import os, re, socket, subprocess, sys, tempfile, threading, time

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
d = tempfile.mkdtemp()
sent = {}

def proxy(name, port):
    """Passes one connection on, and keeps what each side sent."""
    listener = socket.create_server(("127.0.0.1", port))
    def pump(source, sink, side):
        kept = sent.setdefault(f"{name}-{side}", bytearray())
        try:
            while data := source.recv(65536):
                kept.extend(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    def run():
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", 19351))
        for side in ((client, server, "client"), (server, client, "server")):
            threading.Thread(target=pump, args=side, daemon=True).start()
    threading.Thread(target=run, daemon=True).start()

def end_of_chunks(stream):
    """Where the last complete chunk ends."""
    at, size, of = 1 + 2 * 1536, 128, {}
    while True:
        here, kind, channel = at, *divmod(stream[at] if at < len(stream) else 0, 64)
        assert channel > 1 or here == len(stream)
        length, missing, type_, extended = of.get(channel, (0, 0, 0, False))
        header = 1 + (11, 7, 3, 0)[kind]
        if kind < 3:
            extended = stream[at + 1:at + 4] == b"\xff\xff\xff"
        if kind < 2:
            length, type_ = int.from_bytes(stream[at + 4:at + 7], "big"), (stream[at + 7:at + 8] or b"\0")[0]
        missing = missing or length
        take = min(missing, size)
        body = at + header + 4 * extended
        at = body + take
        if at > len(stream) or here == len(stream):
            return here
        if type_ == 1:
            size = int.from_bytes(stream[body:at], "big")
        of[channel] = length, missing - take, type_, extended

with open(d + "/nginx.conf", "w") as f:
    f.write(f"""
daemon off; master_process off; pid {d}/pid; error_log {d}/error.log info;
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
events {{ worker_connections 64; }}
rtmp {{ server {{ listen 127.0.0.1:19351; chunk_size 700; application live {{ live on; }} }} }}
""")
server = subprocess.Popen(["nginx", "-p", d, "-c", d + "/nginx.conf"])
capture = subprocess.Popen(["tshark", "-q", "-i", "lo", "-f", "tcp portrange 19361-19363", "-w", d + "/pcapng"])
time.sleep(2)
ports = {"publish": 19361, "play": 19362, "librtmp": 19363}
for name, port in ports.items():
    proxy(name, port)
# The timestamps are over 0xffffff milliseconds, so the first of each kind stands in the extended field.
publisher = subprocess.Popen(
    "ffmpeg -loglevel error -re -f lavfi -i testsrc=size=96x64:rate=8 -f lavfi -i sine=sample_rate=11025 -t 3 -c:v flv -g 8 -b:v 40k "
    f"-c:a libmp3lame -b:a 16k -output_ts_offset 16780 -f flv rtmp://127.0.0.1:{ports['publish']}/live/test".split())
time.sleep(1)
players = [subprocess.Popen(command.split()) for command in (
    f"ffmpeg -loglevel error -i rtmp://127.0.0.1:{ports['play']}/live/test -t 2 -c copy -f null -",
    f"rtmpdump -q --live -r rtmp://127.0.0.1:{ports['librtmp']}/live/test -B 2 -o /dev/null")]
publisher.wait()
time.sleep(1)
for process in players:
    process.terminate()
    process.wait()
time.sleep(3)
for process in (server, capture):
    process.terminate()
    process.wait()

for name, stream in sent.items():
    connection, side = name.split("-")
    end = end_of_chunks(bytes(stream))
    with open(f"{out}/{name}.bin", "wb") as f:
        f.write(stream[:end])
    direction = "dstport" if side == "client" else "srcport"
    text = subprocess.run(
        ["tshark", "-r", d + "/pcapng", "-d", "tcp.port==19361-19363,rtmpt", "-O", "rtmpt",
         "-Y", f"rtmpt && tcp.{direction}=={ports[connection]}"], check=True, capture_output=True, text=True).stdout
    with open(f"{out}/{name}.txt", "w") as f:
        for block in re.split(r"^Real Time Messaging Protocol ", text, flags=re.M)[1:]:
            def field(pattern):
                found = re.search(pattern, block)
                return found.group(1) if found else "-"
            title = re.match(r"\((.*)\)", block).group(1)
            fields = field(r"Chunk Stream ID: (\d+)"), field(r"Body size: (\d+)"), field(r"Timestamp: (\d+)")
            f.write(" ".join((*fields, title)) + "\n")
