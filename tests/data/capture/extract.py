#!/usr/bin/env python3
"""Makes test data of captures: for each direction the bytes of the stream, and the messages that Wireshark sees in it.

    extract.py CAPTURES DATA [NAME ...]

reads CAPTURES/NAME.pcapng and writes DATA/NAME/client.bin and server.bin, the bytes that each side sent, all connections
of the capture one after the other. Beside them it writes client.len and server.len: the length of each message, one a line.

The lengths are those of the dissector's messages. The script checks that the messages are in order and leave
nothing out: put one after the other, they must be the bytes of the stream, which come from Wireshark's TCP reassembly. A protocol
has no .len files if Wireshark has no dissector for it, or one that shows other units. Where a framing counts from the start of a
connection, every connection has files of its own: client-2.bin and so on. The lengths of `imap` are those of lines and of the
bytes between them; several of them may make one frame.
"""
import json
import pathlib
import subprocess
import sys


def websocket_len(head, fields):
    for name in ("websocket.payload_length_ext_64", "websocket.payload_length_ext_16", "websocket.payload_length"):
        if name in fields:
            return len(head) + int(fields[name])


def tpkt_len(head, fields):
    return int(fields["tpkt.length"])


def ssh_len(head, value):
    if head.startswith(b"SSH-"):
        return len(head.rstrip(b"\r\n")) + 2
    return len(head) + int(value)


def rpc_len(head, fields):
    return 4 + int(fields["rpc.fraglen"])


def rtp_len(head, size):
    return len(head) + int(size)


def chunk_len(head, size):
    # The line of the size, the bytes and their line end; the last chunk has no trailer in these captures.
    return len(head) + int(size) + 2


def http_len(head, fields):
    # The dissector calls the header its own, sometimes with the body, and shows the body's length or its chunks. No two chunks of a
    # body here are of one size, and no last chunk has a trailer.
    head = head[:head.index(b"\r\n\r\n") + 4]
    sizes = [int(name.split("(")[1].split()[0]) for name in fields if name.startswith("Data chunk (")]
    if sizes:
        return len(head) + sum(len(f"{size:x}") + 2 + size + 2 for size in sizes) + len("0\r\n\r\n")
    return len(head) + int(fields.get("http.content_length_header", 0))


def tiles(stream, start, size):
    """Whether frames whose length `size` returns fill the stream from `start` on."""
    while start < len(stream):
        length = size(stream, start)
        if not length:
            return False
        start += length
    return start == len(stream)


def multiplexed(stream, side):
    """What follows rsync's negotiation: the first place from which frames with a known tag fill the stream."""
    def size(stream, at):
        tag = stream[at + 3] if at + 4 <= len(stream) else 0
        known = 7 <= tag <= 17 or tag in (29, 40, 49, 93, 107, 108, 109)
        return 4 + int.from_bytes(stream[at:at + 3], "little") if known else 0
    return next(stream[start:] for start in range(len(stream)) if tiles(stream, start, size))


def encrypted(stream, side):
    """What follows SSH_MSG_NEWKEYS."""
    at = stream.index(b"\n") + 1
    while True:
        end = at + 4 + int.from_bytes(stream[at:at + 4], "big")
        if stream[at + 5] == 21:
            return stream[end:]
        at = end


def grpc_messages(stream, side):
    """The payloads of HTTP/2's DATA frames, which come one after the other here."""
    at, found = (24 if stream.startswith(b"PRI") else 0), b""
    while at < len(stream):
        length = int.from_bytes(stream[at:at + 3], "big")
        if stream[at + 3] == 0:
            assert not stream[at + 4] & 8
            found += stream[at + 9:at + 9 + length]
        at += 9 + length
    return found


# Name: (port, what to decode the port as, the fields that are messages, options)
HOW = {
    "dns": (5300, "dns", ["dns"]),
    "tls": (4430, "tls", ["tls.record"]),
    "http2": (8082, "http2", ["http2.stream"]),
    "websocket": (8084, "http", ["websocket"], {"skip_http": True, "announced": websocket_len}),
    "mqtt": (1883, "mqtt", ["mqtt"]),
    # The dissector does not show the header of 8 bytes that opens the client's stream as a message.
    "amqp091": (5672, "amqp", ["amqp"], {"opening": 8}),
    "amqp10": (5673, "amqp", ["amqp"]),
    "postgres": (5433, "pgsql", ["pgsql"]),
    "mysql": (3307, "mysql", ["mysql"]),
    "redis": (6380, "resp", ["resp"]),
    "memcached": (11212, "memcache", ["memcache"]),
    "memcached-binary": (11213, "memcache", ["memcache"]),
    "git": (9419, "git", ["git"]),
    "syslog": (6514, "syslog", ["syslog"]),
    "smtp": (2525, "smtp", ["smtp"]),
    "ftp": (2121, "ftp", ["ftp"]),
    # The dissector shows lines without their ends.
    "irc": (6668, "irc", ["irc.request", "irc.response"], {"behind": b"\r\n"}),
    "bgp": (179, "bgp", ["bgp"]),
    "ldap": (3890, "ldap", ["ldap.LDAPMessage_element"]),
    "modbus": (5020, "mbtcp", ["mbtcp"]),
    "tpkt": (1102, "tpkt", ["tpkt"], {"announced": tpkt_len}),
    "diameter": (3868, "diameter", ["diameter"]),
    "smpp": (2775, "smpp", ["smpp"]),
    "hl7": (2576, "hl7", ["hl7"]),
    "fix": (9878, "fix", ["fix"]),
    "thrift": (9090, "thrift", ["thrift"]),
    "mongodb": (27018, "mongo", ["mongo"]),
    "9p": (5640, "9p", ["9p"]),
    "ssh": (2222, "ssh", ["ssh.protocol", "ssh.packet_length"], {"announced": ssh_len}),
    "fastcgi": (9001, "fcgi", ["fcgi"]),
    "onc-rpc": (111, "rpc", ["rpc"], {"announced": rpc_len}),
    "openflow": (6653, "openflow", ["openflow_v1", "openflow_v4", "openflow_v5", "openflow_v6"]),
    # The answers have other forms.
    "adb": (5038, "adb_cs", ["adb_cs"], {"roles": ("client",)}),
    "dicom": (11112, "dicom", ["dicom"]),
    "sip": (5070, "sip", ["sip"]),
    "coap": (5683, "coap", ["coap"]),
    "rtp": (5004, "rtp", ["rtp.rfc4571.len"], {"announced": rtp_len}),
    "http1": (8091, "http", ["http"], {"announced": http_len}),
    "http-chunked": (8083, "http", ["http.chunk_size"], {"skip_http": True, "announced": chunk_len}),
    # The dissector shows lines, and passes over literals, or shows them apart from the line that announces them.
    "imap": (1430, "imap", ["imap.line"], {"gaps": True}),
    "ads": (48898, None, []),
    "beanstalkd": (11301, None, []),
    "bittorrent": (6890, "bittorrent", ["bittorrent"]),
    "dbus": (5501, None, []),
    "enip": (44818, "enip", ["enip"]),
    "epmd": (4398, None, [], {"roles": ("client",)}),
    "erlang": (9105, "erldp", ["erldp"], {"apart": True, "names": ("erlang", "erlang-accepting")}),
    "fluent": (24224, None, [], {"roles": ("client",), "names": ("fluentd",)}),
    "gdb": (2345, None, []),
    "gearman": (4731, "gearman", ["gearman"]),
    "gelf": (12201, None, [], {"roles": ("client",)}),
    "grpc": (50051, None, [], {"cut": grpc_messages}),
    "hsms": (5001, "hsms", ["hsms"]),
    "iec104": (2405, None, []),
    "iscsi": (3261, None, []),
    "jdwp": (5005, "jdwp", ["jdwp"]),
    "kafka": (None, "kafka", ["kafka"]),
    "kerberos": (8888, "kerberos", ["kerberos"]),
    "lumberjack": (5044, None, []),
    "nbd": (10810, None, [], {"names": ("nbd", "nbd-replies")}),
    "opcua": (4840, "opcua", ["opcua"]),
    "osc": (9700, None, []),
    "osc-slip": (9701, None, []),
    "pop3": (1110, "pop", ["pop"]),
    "proxy": (8095, None, [], {"roles": ("client",)}),
    "radius": (1822, "radius", ["radius"]),
    "rsync": (8730, None, [], {"cut": multiplexed}),
    "rtsp": (8554, None, []),
    "scgi": (4001, None, [], {"roles": ("client",)}),
    "smb": (4450, "nbss", ["nbss"]),
    "snmp": (1610, None, []),
    "socks5": (1081, None, [], {"apart": True, "names": ("socks5", "socks5-replies")}),
    "socks5-password": (1082, None, [], {"apart": True, "names": ("socks5-password", "socks5-password-replies")}),
    "ssh-etm": (2232, None, [], {"cut": encrypted}),
    "ssh-gcm": (2233, None, [], {"cut": encrypted}),
    "stun": (3479, None, []),
    "tarantool": (3310, None, []),
    "uwsgi": (3031, None, [], {"roles": ("client",)}),
    "x11": (6077, None, [], {"apart": True, "names": ("x11", "x11-server")}),
    "zabbix": (10150, None, []),
    "zmtp": (5556, None, []),
    "nats": (4223, None, []),
    "stomp": (61613, None, []),
    "lsp": (2087, None, []),
    "minecraft": (25566, None, []),
}


def tshark(*arguments):
    return subprocess.run(["tshark", *arguments], capture_output=True, check=True).stdout


def streams(pcap, port):
    """The bytes of every connection: [(index, from the client, from the server)]."""
    found = []
    seen = tshark("-r", pcap, "-Y", f"tcp.dstport=={port} && tcp.flags.syn==1", "-T", "fields", "-e", "tcp.stream")
    for index in sorted({int(line) for line in seen.split()}):
        sides = [bytearray(), bytearray()]
        for line in tshark("-r", pcap, "-q", "-z", f"follow,tcp,raw,{index}").decode().splitlines():
            if line and all(digit in "0123456789abcdef" for digit in line.strip()):
                sides[line.startswith("\t")] += bytes.fromhex(line.strip())
        found.append((index, *map(bytes, sides)))
    return found


def messages(pcap, port, decode_as, keys, index, announced=None):
    """What the dissector shows of one connection, in order: ([from the client], [from the server])."""
    text = tshark("-r", pcap, "-d", f"tcp.port=={port},{decode_as}", "-Y", f"tcp.stream=={index} && tcp.len>0", "-T", "json",
                  "-x")
    sides = ([], [])
    raw = {f"{key}_raw" for key in keys}

    def visit(node, side):
        for at, (key, value) in enumerate(node):
            if key in raw and announced:
                # The message is longer than the bytes that the dissector calls its own: its own fields say how long.
                fields = next(other for name, other in node[at:] if name == key.removesuffix("_raw"))
                head = bytes.fromhex(value[0])
                side.append((announced(head, flat(fields) if isinstance(fields, list) else fields), head))
            elif key in raw:
                for one in [value] if isinstance(value[0], str) else value:
                    side.append(bytes.fromhex(one[0]))
            elif isinstance(value, list) and value and isinstance(value[0], tuple):
                visit(value, side)
            elif isinstance(value, list):
                for one in value:
                    if isinstance(one, list) and one and isinstance(one[0], tuple):
                        visit(one, side)

    for packet in json.loads(text, object_pairs_hook=list):
        layers = dict(dict(packet)["_source"])["layers"]
        tcp = dict(dict(layers)["tcp"])
        visit(layers, sides[int(tcp["tcp.srcport"]) == port])
    return sides


def flat(node):
    found = {}
    for key, value in node:
        if isinstance(value, str):
            found[key] = value
        elif isinstance(value, list) and value and isinstance(value[0], tuple):
            found[key] = ""
            found.update(flat(value))
    return found


def split(stream, parts, opening=0, behind=b"", gaps=False, **_):
    """The lengths of the messages, if the parts are the stream's, else None."""
    lengths = []
    begin = 0
    if opening and parts and not stream.startswith(parts[0]):
        lengths.append(opening)
        begin = opening
    for part in parts:
        length, head = part if isinstance(part, tuple) else (len(part) + len(behind), part)
        if gaps and head in stream[begin:] and not stream.startswith(head, begin):
            # The bytes between two parts count as a part.
            lengths.append(stream.index(head, begin) - begin)
            begin += lengths[-1]
        message = stream[begin:begin + length]
        if not message.startswith(head) or not message.endswith(behind) or len(message) < length:
            return None
        lengths.append(length)
        begin += length
    return lengths if begin == len(stream) else None


def first_port(pcap):
    """The port of the first connection, where a server chose its own."""
    return int(tshark("-r", pcap, "-Y", "tcp.flags.syn==1 && tcp.flags.ack==0", "-T", "fields", "-e", "tcp.dstport").split()[0])


def write(path, stream, lengths, exact):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".bin").write_bytes(stream)
    beside = path.with_suffix(".len")
    if exact:
        beside.write_text("".join(f"{length}\n" for length in lengths))
    else:
        beside.unlink(missing_ok=True)


def main():
    captures, data = map(pathlib.Path, sys.argv[1:3])
    for name in sys.argv[3:] or HOW:
        pcap = captures / f"{name}.pcapng"
        if not pcap.exists():
            continue
        port, decode_as, keys, *options = HOW[name]
        options = options[0] if options else {}
        port = port or first_port(str(pcap))
        # One pair of streams for all connections, or, where a framing counts from a connection's start, one for each.
        pairs, exact = [], bool(keys)
        for index, *found in streams(str(pcap), port):
            try:
                seen = messages(str(pcap), port, decode_as, keys, index, options.get("announced")) if keys else ([], [])
            except subprocess.CalledProcessError as error:
                print(name, error.stderr.decode()[-300:])
                seen = ([], [])
            if not pairs or options.get("apart"):
                pairs.append(([bytearray(), bytearray()], [[], []]))
            sides, lengths = pairs[-1]
            for side in (0, 1):
                stream, parts = found[side], seen[side]
                if options.get("skip_http"):
                    stream = stream[stream.index(b"\r\n\r\n") + 4:]
                if name == "http-chunked" and not parts:
                    continue
                if name == "ssh":
                    # After SSH_MSG_NEWKEYS everything is encrypted, and left out.
                    stream = stream[:sum(length for length, _ in parts)]
                if options.get("cut"):
                    stream = options["cut"](stream, side)
                found_lengths = split(stream, parts, **options) if keys else None
                if keys and found_lengths is None:
                    exact = False
                    print(f"{name} {index} {('client', 'server')[side]}: {len(stream)} bytes", parts[:3])
                sides[side] += stream
                lengths[side] += found_lengths or []
        names = options.get("names", (name, name))
        for number, (sides, lengths) in enumerate(pairs, 1):
            for side, role in enumerate(options.get("roles", ("client", "server"))):
                stem = role if number == 1 else f"{role}-{number}"
                write(data / names[side] / stem, sides[side], lengths[side], exact)
            print(name, "exact" if exact else "bytes alone", [len(side) for side in sides], [len(part) for part in lengths])


main()
