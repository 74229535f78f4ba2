#!/usr/bin/env python3
"""Records the captures of this folder: streams of tests/data/protocols, sent again over loopback connections while tcpdump
and dumpcap write what they see, and copies with packets that are late, come twice, or are missing. tshark's view of each is
kept beside it. See README.md."""
import pathlib
import random
import socket
import struct
import subprocess
import sys
import threading
import time

STREAMS = pathlib.Path(sys.argv[1])
HERE = pathlib.Path(__file__).parent
random.seed(18)

# name, file, address, writer
RECORDED = [
    ("redis", "redis.pcap", "127.0.0.1", ["tcpdump", "-i", "lo", "-U", "-w"]),
    ("memcached", "memcached.pcap", "::1", ["tcpdump", "-i", "lo", "-U", "-w"]),
    ("nats", "nats.pcap", "127.0.0.1", ["tcpdump", "-i", "any", "-y", "LINUX_SLL", "-U", "-w"]),
    ("mqtt", "mqtt.pcap", "127.0.0.1", ["tcpdump", "-i", "any", "-y", "LINUX_SLL2", "--nano", "-U", "-w"]),
    ("postgres", "postgres.pcapng", "127.0.0.1", ["dumpcap", "-q", "-i", "lo", "-w"]),
    ("ldap", "ldap.pcapng", "::1", ["dumpcap", "-q", "-i", "lo", "-w"]),
    ("dns", "dns.pcapng", "127.0.0.1", ["dumpcap", "-q", "-i", "any", "-w"]),
    ("bgp", "bgp.pcap", "127.0.0.1", ["dumpcap", "-q", "-P", "-i", "lo", "-w"]),
    ("http1", "http1.pcapng", "127.0.0.1", ["tshark", "-q", "-i", "lo", "-w"]),
]


def pieces(data):
    while data:
        size = random.randint(1, 400)
        yield data[:size]
        data = data[size:]


def exchange(name, address, port, resets=False):
    """Sends both streams over one connection, in turns."""
    streams = [(STREAMS / name / f"{side}.bin").read_bytes() for side in ("client", "server")]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen()
    client = socket.create_connection((address, listener.getsockname()[1]))
    server, _ = listener.accept()
    drains = [threading.Thread(target=drain, args=(end,)) for end in (client, server)]
    for thread in drains:
        thread.start()
    turns = [(client, list(pieces(streams[0]))), (server, list(pieces(streams[1])))]
    for end, _ in turns:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while any(rest for _, rest in turns):
        for end, rest in turns:
            if rest:
                end.sendall(rest.pop(0))
                time.sleep(0.003)
    for end, _ in turns:
        end.shutdown(socket.SHUT_WR)
    for thread in drains:
        thread.join()
    for end in (client, server, listener):
        end.close()


def drain(end):
    while end.recv(65536):
        pass


def record(file, writer, port, act):
    path = HERE / file
    path.unlink(missing_ok=True)
    filters = ["-f", f"tcp port {port}"] if writer[0] != "tcpdump" else [f"tcp port {port}"]
    process = subprocess.Popen([*writer, str(path), *filters], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    time.sleep(2)
    act()
    time.sleep(2)
    process.terminate()
    process.wait()


def read(path):
    data = path.read_bytes()
    packets, at = [], 24
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        packets.append(data[at : at + 16 + size])
        at += 16 + size
    return data[:24], packets


def payload(packet):
    """The length of the segment's payload, in a frame of Ethernet and IPv4."""
    ip = packet[16 + 14 :]
    total, header = struct.unpack_from(">H", ip, 2)[0], (ip[0] & 15) * 4
    return total - header - (ip[header + 12] >> 4) * 4


def change(source, target, act):
    header, packets = read(HERE / source)
    loaded = [index for index, packet in enumerate(packets) if payload(packet) > 0]
    (HERE / target).write_bytes(header + b"".join(act(packets, loaded)))


def late(packets, loaded):
    """Every third segment comes after the next one of its direction."""
    packets, ports = list(packets), [struct.unpack_from(">H", packet, 16 + 34)[0] for packet in packets]
    for one in loaded[1::3]:
        following = [index for index in loaded if index > one and ports[index] == ports[one]]
        if following:
            packets.insert(one, packets.pop(following[0]))
            ports.insert(one, ports.pop(following[0]))
    return packets


def again(packets, loaded):
    """Every third segment comes twice, once right away and once later."""
    result = []
    for index, packet in enumerate(packets):
        result.append(packet)
        if index in loaded[1::3]:
            result.append(packet)
        if index - 7 in loaded[1::3]:
            result.append(packets[index - 7])
    return result


def missing(packets, loaded):
    """One segment of the client is not there."""
    ports = [struct.unpack_from(">H", packet, 16 + 34)[0] for packet in packets]
    client = [index for index in loaded if ports[index] != 6379]
    gone = client[len(client) // 2]
    return [packet for index, packet in enumerate(packets) if index != gone]


def follow(file, streams=1):
    for stream in range(streams):
        command = ["tshark", "-r", str(HERE / file), "-q", "-z", f"follow,tcp,raw,{stream}"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        name = f"{file}.follow" if streams == 1 else f"{file}.{stream}.follow"
        (HERE / name).write_text(shown)


def main():
    for name, file, address, writer in RECORDED:
        port = 6379 if name == "redis" else 20000 + len(name) * 17
        record(file, writer, port, lambda: exchange(name, address, port))
        follow(file)

    def three():
        for name in ("redis", "memcached", "bgp"):
            exchange(name, "127.0.0.1", 6379)

    record("three.pcapng", ["dumpcap", "-q", "-i", "lo", "-w"], 6379, three)
    follow("three.pcapng", 3)
    for target, act in (("late.pcap", late), ("again.pcap", again), ("missing.pcap", missing)):
        change("redis.pcap", target, act)
        follow(target)
    change("redis.pcap", "middle.pcap", lambda packets, _: packets[12:])
    follow("middle.pcap")
    short = subprocess.run(["editcap", "-s", "120", str(HERE / "redis.pcap"), str(HERE / "short.pcapng")], check=False)
    short.check_returncode()
    follow("short.pcapng")


if __name__ == "__main__":
    main()
