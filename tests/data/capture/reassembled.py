"""Streams between other programs, and their messages as Wireshark puts them together. Needs tshark, libtirpc-dev, gcc, nginx and curl,
and Debian's python3-websockets and python3-aiosmtpd."""
import os, random, re, socket, struct, subprocess, sys, tempfile, threading, time

out, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
os.makedirs(out, exist_ok=True)
random.seed(7)
d = tempfile.mkdtemp()

class Recorder:
    """A proxy on loopback that keeps who sent what, in order."""
    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.sent = self.listener.getsockname()[1], []
        threading.Thread(target=self.run, args=(port,), daemon=True).start()
    def run(self, port):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        for source, sink, is_client in ((client, server, True), (server, client, False)):
            threading.Thread(target=self.pump, args=(source, sink, is_client), daemon=True).start()
    def pump(self, source, sink, is_client):
        try:
            while data := source.recv(65536):
                self.sent.append((is_client, data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    def side(self, is_client):
        return b"".join(data for who, data in self.sent if who == is_client)

def packets(segments, port):
    """A capture with a packet for each segment."""
    def packet(is_client, numbers, flags, data):
        hosts, ports = ((1, 2), (40000, port)) if is_client else ((2, 1), (port, 40000))
        tcp = struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, 65535, 0, 0)
        ends = [bytes([10, 0, 0, host]) for host in hosts]
        return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0, *ends) + tcp + data
    at = [1, 1]
    made = [packet(True, (0, 0), 2, b""), packet(False, (0, 1), 0x12, b"")]
    for is_client, data in segments:
        side = 0 if is_client else 1
        made.append(packet(is_client, (at[side], at[1 - side]), 0x18, data))
        at[side] += len(data)
    with open(d + "/pcap", "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        for data in made:
            f.write(struct.pack("<IIII", 1, 0, len(data), len(data)) + data)

def views(name, segments, port, *options):
    """Of each segment the bytes that Wireshark shows in a pane of this name, or None."""
    packets(segments, port)
    text = subprocess.run(["tshark", "-r", d + "/pcap", "-2", "-x", *options], check=True, capture_output=True, text=True).stdout
    shown, found = [], []
    for block in re.split(r"\n\n", text.strip("\n"))[2:]:
        pane = re.search(rf"^{name} \(\d+ bytes\):\n((?:[0-9a-f]{{4}} .*\n?)+)", block, re.M)
        lines = pane.group(1).splitlines() if pane else []
        found.append(bytes.fromhex("".join(line[6:53] for line in lines)) if pane else None)
    assert len(found) == len(segments), (len(found), len(segments))
    return found

def save(name, stream, messages):
    assert len(messages) > 3, name
    open(f"{out}/{name}.bin", "wb").write(stream)
    open(f"{out}/{name}.txt", "w").write("".join(message.hex() + "\n" for message in messages))

# ONC RPC: libtirpc on both sides, with fragments of 96 bytes. A message of one fragment has no pane.
subprocess.run(["gcc", "-I/usr/include/tirpc", here + "/fragments.c", "-o", d + "/fragments", "-ltirpc"], check=True)
server = subprocess.Popen([d + "/fragments"], stdout=subprocess.PIPE, text=True)
recorder = Recorder(int(server.stdout.readline()))
subprocess.run([d + "/fragments", str(recorder.port), *"0 1 40 99 100 250 3 1000".split()], check=True, timeout=20)
time.sleep(.2)
server.kill()
for role, is_client in (("client", True), ("server", False)):
    stream, fragments, at = recorder.side(is_client), [], 0
    while at < len(stream):
        end = at + 4 + (int.from_bytes(stream[at:at + 4], "big") & 0x7fffffff)
        fragments.append(stream[at:end])
        at = end
    # The other side's calls or answers tell Wireshark what the messages are.
    other = [(not is_client, recorder.side(not is_client))] if not is_client else []
    shown = views("Defragmented", other + [(is_client, one) for one in fragments], 111, "-o", "rpc.dissect_unknown_programs:TRUE")[len(other):]
    messages, inside = [], False
    for fragment, message in zip(fragments, shown):
        is_last = fragment[0] & 0x80 != 0
        assert (message is not None) == (is_last and inside)
        if is_last:
            messages.append(message if inside else fragment[4:])
        inside = not is_last
    save("onc-rpc-" + role, stream, messages)

# WebSocket: the package websockets writes the frames. Wireshark joins no message with an empty frame, and a message of one frame has no
# pane of this name.
from websockets.connection import Connection, Side
GREETINGS = [(True, b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"),
    (False, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")]
for role, side in (("client", Side.CLIENT), ("server", Side.SERVER)):
    peer, segments, ends = Connection(side), [], []
    def write(is_part, is_last, send, *arguments):
        send(*arguments)
        segments.append((side is Side.CLIENT, b"".join(peer.data_to_send())))
        ends.append((is_part, is_last, arguments[0]))
    for count in (1, 2, 3, 1, 4, 2, 5):
        sizes = [random.choice((1, 5, 125, 126, 300)) for _ in range(count)]
        for at, size in enumerate(sizes):
            is_last = at + 1 == count
            write(True, is_last, peer.send_continuation if at else peer.send_binary, random.randbytes(size), is_last)
            if random.random() < .5:
                write(False, False, peer.send_ping, b"between")
    shown = views("Reassembled Message", GREETINGS + segments, 80)[2:]
    messages, inside = [], False
    for (is_part, is_last, payload), message in zip(ends, shown):
        if is_part:
            assert (message is not None) == (is_last and inside)
            if is_last:
                messages.append(message if inside else payload)
            inside = not is_last
    save("websocket-" + role, b"".join(segment for _, segment in segments), messages)

# Chunked bodies: nginx sends them to curl.
for name, text in (("a", "hello "), ("b", "0123456789" * 100), ("c", "x" * 9), ("d", "some words " * 90)):
    os.makedirs(d + "/www", exist_ok=True)
    open(f"{d}/www/{name}", "w").write(text)
port = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
open(d + "/conf", "w").write(f"daemon off; master_process off; pid {d}/pid; error_log {d}/log; events {{}} http {{ access_log off; "
    f"client_body_temp_path {d}/1; proxy_temp_path {d}/2; fastcgi_temp_path {d}/3; scgi_temp_path {d}/4; uwsgi_temp_path {d}/5; "
    f"server {{ listen 127.0.0.1:{port}; root {d}/www; ssi on; ssi_types *; output_buffers 4 64; location / {{ }} }} }}")
server = subprocess.Popen(["nginx", "-c", d + "/conf"])
time.sleep(1)
recorder = Recorder(port)
urls = [f"http://127.0.0.1:{recorder.port}/{name}" for name in "abcd"]
subprocess.run(["curl", "-sS", *urls], check=True, capture_output=True)
server.terminate()
time.sleep(.2)
answers = re.split(rb"(?=HTTP/1\.1 200 OK\r\n)", recorder.side(False))[1:]
requests = re.split(rb"(?=GET )", recorder.side(True))[1:]
segments = [one for pair in zip(requests, answers) for one in ((True, pair[0]), (False, pair[1]))]
bodies = [body for body in views("De-chunked entity body", segments, 80) if body is not None]
assert len(bodies) == len(answers)
save("http-chunked", b"".join(answer[answer.index(b"\r\n\r\n") + 4:] for answer in answers), bodies)

# Mail: curl sends it to aiosmtpd. Wireshark leaves the dots where they are; aiosmtpd does not.
from aiosmtpd.controller import Controller
received = []
class Handler:
    async def handle_DATA(self, server, session, envelope):
        received.append(envelope.content)
        return "250 ok"
port = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
controller = Controller(Handler(), hostname="127.0.0.1", port=port)
controller.start()
stream, messages = b"", []
lines = [b"hello", b".", b"..", b".dot", b"", b"x" * 70, b"a.", b". "]
for size in (1, 2, 5, 20, 60):
    mail = b"Subject: a\r\n\r\n" + b"".join(random.choice(lines) + b"\r\n" for _ in range(size))
    open(d + "/mail", "wb").write(mail)
    recorder = Recorder(port)
    subprocess.run(["curl", "-sS", "--url", f"smtp://127.0.0.1:{recorder.port}", "--mail-from", "a@b.c", "--mail-rcpt", "d@e.f",
        "--upload-file", d + "/mail"], check=True, timeout=20)
    time.sleep(.2)
    sent = recorder.side(True)
    data = sent[sent.index(b"DATA\r\n") + 6:sent.rindex(b"QUIT\r\n")]
    shown = [view for view in views("Reassembled SMTP", recorder.sent, 25) if view is not None]
    assert len(shown) == 1 and received[-1] == mail and shown[0].replace(b"\r\n..", b"\r\n.") == mail, mail
    stream += data
    messages += shown
controller.stop()
save("smtp-data", stream, messages)
