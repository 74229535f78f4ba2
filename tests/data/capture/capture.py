#!/usr/bin/env python3
"""Records what real servers and clients say to each other on the loopback interface.

    capture.py DIRECTORY [NAME ...]

writes DIRECTORY/NAME.pcapng for every protocol, or for those named. `extract.py` makes the test data of them. Needs root,
Debian's packages and those of PyPI and npm that README.md lists; PYTHON and NODE_PATH say where the latter are.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PYTHON = os.environ.get("PYTHON", sys.executable)
OUT = pathlib.Path(sys.argv[1]).resolve()
RUNS = {}


def protocol(name, *ports):
    def register(function):
        RUNS[name] = (ports, function)
        return function
    return register


class Stage:
    """A directory of its own for one run, and the processes it started."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="capture-"))
        os.chmod(self.dir, 0o777)
        self.processes = []

    def file(self, name, text):
        path = self.dir / name
        path.write_text(text)
        os.chmod(path, 0o755)
        return str(path)

    def start(self, *command, port=None, **options):
        log = open(self.dir / f"log{len(self.processes)}", "wb")
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.dir, start_new_session=True, **options)
        self.processes.append(process)
        if port:
            wait_for(port, process)
        return process

    def run(self, *command, check=False, timeout=30, **options):
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(command, cwd=self.dir, timeout=timeout, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)
        (self.dir / "client.log").open("ab").write(done.stdout)
        if check and done.returncode:
            raise RuntimeError(done.stdout.decode(errors="replace"))
        return done.stdout

    def python(self, text, *arguments, **options):
        return self.run(PYTHON, "-c", text, *arguments, check=True, **options)

    def close(self):
        for process in reversed(self.processes):
            for how in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, how)
                    process.wait(5)
                    break
                except ProcessLookupError:
                    break
                except subprocess.TimeoutExpired:
                    pass


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(port, process, seconds=30):
    # A look at the kernel's table rather than a connection, which would be in the capture.
    for _ in range(seconds * 10):
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            if any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
                   for line in open(table).readlines()[1:]):
                return
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        time.sleep(0.1)
    raise RuntimeError(f"{process.args[0]} does not listen on {port}")


@protocol("dns", 5300)
def dns(s):
    s.file("unbound.conf", f"""server:
  interface: 127.0.0.1
  port: 5300
  username: ""
  chroot: ""
  directory: "{s.dir}"
  pidfile: ""
  use-syslog: no
  local-zone: "example." static
  local-data: "a.example. A 192.0.2.1"
  local-data: "a.example. AAAA 2001:db8::1"
  local-data: "txt.example. TXT 'a longer text, so that the answers have several lengths'"
remote-control:
  control-enable: no
""")
    s.start("unbound", "-d", "-c", "unbound.conf", port=5300)
    s.run("dig", "+tcp", "+keepopen", "@127.0.0.1", "-p", "5300", "a.example", "A", "a.example", "AAAA", "txt.example",
          "TXT", "none.example", "A")


@protocol("tls", 4430)
def tls(s):
    certificate(s)
    s.start("openssl", "s_server", "-accept", "4430", "-cert", "cert.pem", "-key", "key.pem", "-www", port=4430)
    for version in ("--tls-max", "--tlsv1.3"):
        extra = ["1.2"] if version == "--tls-max" else []
        s.run("curl", "-sk", version, *extra, "https://127.0.0.1:4430/")


def certificate(s, name="localhost"):
    s.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
          "key.pem", "-out", "cert.pem", "-subj", f"/CN={name}", "-days", "3650", check=True)


def nginx(s, body, port):
    s.file("nginx.conf", f"""daemon off; pid nginx.pid; error_log error.log; user root; worker_processes 1;
events {{}}
http {{ access_log off; client_body_temp_path body; proxy_temp_path p; fastcgi_temp_path f; scgi_temp_path sc;
uwsgi_temp_path u; {body} }}""")
    s.start("nginx", "-p", str(s.dir), "-c", "nginx.conf", port=port)


@protocol("http2", 8082)
def http2(s):
    s.file("a.txt", "hello\n")
    s.file("b.txt", "0123456789" * 2000)
    nginx(s, f"server {{ listen 127.0.0.1:8082 http2; root {s.dir}; }}", 8082)
    s.run("curl", "-s", "--http2-prior-knowledge", "http://127.0.0.1:8082/a.txt", "http://127.0.0.1:8082/b.txt",
          "http://127.0.0.1:8082/none")


@protocol("http-chunked", 8083)
def http_chunked(s):
    s.file("a.txt", "hello, hello, hello\n" * 400)
    nginx(s, f"gzip on; gzip_types text/plain; server {{ listen 127.0.0.1:8083; root {s.dir}; "
             "location /put { dav_methods PUT; } }", 8083)
    s.run("curl", "-s", "--http1.1", "--compressed", "http://127.0.0.1:8083/a.txt")
    s.run("curl", "-s", "--http1.1", "-T", "-", "http://127.0.0.1:8083/put", stdin=open(s.dir / "a.txt"))


@protocol("http1", 8091)
def http1(s):
    s.file("a.txt", "hello\n")
    s.file("b.txt", "0123456789" * 300)
    nginx(s, f"server {{ listen 127.0.0.1:8091; root {s.dir}; client_body_temp_path {s.dir}/body; "
             "gzip on; gzip_types *; gzip_min_length 1; if_modified_since before; location /put { dav_methods PUT; } }", 8091)
    url = "http://127.0.0.1:8091"
    # Several requests on one connection; chunks in both directions; 100, 201, 304 and 404.
    s.run("curl", "-s", "--http1.1", f"{url}/a.txt", f"{url}/none", f"{url}/b.txt")
    s.run("curl", "-s", "--http1.1", "--compressed", f"{url}/b.txt", f"{url}/a.txt")
    s.run("curl", "-s", "--http1.1", "-z", "1 Jan 2030", "-H", "Cookie: " + "x" * 3000, f"{url}/a.txt")
    s.run("curl", "-s", "--http1.1", "-H", "Expect: 100-continue", "-T", s.dir / "b.txt", f"{url}/put")
    s.run("curl", "-s", "--http1.1", "-H", "Expect: 100-continue", "-T", "-", f"{url}/put", stdin=open(s.dir / "b.txt"))


@protocol("websocket", 8084)
def websocket(s):
    s.start(PYTHON, "-c", """
import asyncio, websockets
async def echo(ws):
    async for message in ws: await ws.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 8084, compression=None): await asyncio.Future()
asyncio.run(main())""", port=8084)
    s.python("""
import asyncio, websockets
async def main():
    async with websockets.connect("ws://127.0.0.1:8084/", compression=None) as ws:
        for message in ["hello", "", "x" * 125, b"y" * 126, b"z" * 300, "w" * 66000]:
            await ws.send(message); await ws.recv()
        await (await ws.ping(b"ping"))
asyncio.run(main())""")


@protocol("mqtt", 1883)
def mqtt(s):
    s.file("m.conf", "listener 1883 127.0.0.1\nallow_anonymous true\n")
    s.start("mosquitto", "-c", "m.conf", port=1883)
    sub = s.start("mosquitto_sub", "-h", "127.0.0.1", "-t", "t/#", "-q", "1", "-C", "3")
    time.sleep(0.5)
    s.run("mosquitto_pub", "-h", "127.0.0.1", "-t", "t/a", "-m", "hello", "-q", "1")
    s.run("mosquitto_pub", "-h", "127.0.0.1", "-V", "5", "-t", "t/b", "-m", "x" * 300, "-q", "2")
    s.run("mosquitto_pub", "-h", "127.0.0.1", "-t", "t/c", "-n")
    sub.wait(5)


def rabbit(s, *plugins):
    s.file("enabled", "[" + ",".join(plugins) + "].\n")
    s.file("rabbitmq.conf", "listeners.tcp.1 = 127.0.0.1:5672\nloopback_users = none\n")
    env = dict(os.environ, RABBITMQ_NODENAME="cap@localhost", RABBITMQ_MNESIA_BASE=str(s.dir / "db"),
               RABBITMQ_LOG_BASE=str(s.dir / "log"), RABBITMQ_CONFIG_FILE=str(s.dir / "rabbitmq.conf"),
               RABBITMQ_ENABLED_PLUGINS_FILE=str(s.dir / "enabled"), RABBITMQ_DIST_PORT="25672",
               RABBITMQ_PID_FILE=str(s.dir / "pid"), HOME=str(s.dir))
    shutil.chown(s.dir, "rabbitmq", "rabbitmq")
    s.start("runuser", "-u", "rabbitmq", "--preserve-environment", "--", "/usr/lib/rabbitmq/bin/rabbitmq-server",
            env=env, port=5672)
    if "rabbitmq_stomp" in plugins:
        wait_for(61613, s.processes[-1])
    time.sleep(3)


@protocol("amqp091", 5672)
def amqp091(s):
    rabbit(s)
    s.python("""
import pika
c = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1"))
ch = c.channel(); ch.queue_declare("q")
for body in [b"hello", b"", b"x" * 5000]:
    ch.basic_publish("", "q", body)
for method, properties, body in ch.consume("q", inactivity_timeout=1):
    if method is None: break
    ch.basic_ack(method.delivery_tag)
c.close()""")


@protocol("stomp", 61613)
def stomp(s):
    rabbit(s, "rabbitmq_stomp")
    s.python("""
import stomp, time
for version in (stomp.Connection11, stomp.Connection12):
    c = version([("127.0.0.1", 61613)], vhost="/", heartbeats=(1000, 1000)); c.connect("guest", "guest", wait=True)
    c.subscribe("/queue/q", id="1", ack="auto")
    c.send("/queue/q", "hello"); c.send("/queue/q", "a\\0b\\nc"); c.send("/queue/q", "", receipt="r")
    time.sleep(2.5); c.disconnect()""")


@protocol("amqp10", 5673)
def amqp10(s):
    s.start(PYTHON, "-c", """
from proton.handlers import MessagingHandler
from proton.reactor import Container
class Server(MessagingHandler):
    def on_start(self, e): self.acceptor = e.container.listen("127.0.0.1:5673")
Container(Server()).run()""", port=5673)
    s.python("""
from proton import Message
from proton.handlers import MessagingHandler
from proton.reactor import Container
class Client(MessagingHandler):
    sent = 0
    def on_start(self, e): e.container.create_sender("127.0.0.1:5673/q")
    def on_sendable(self, e):
        while e.sender.credit and self.sent < 3:
            e.sender.send(Message(body="x" * (10 ** self.sent * 20))); self.sent += 1
    def on_accepted(self, e):
        e.connection.close()
Container(Client()).run()""")


@protocol("postgres", 5433)
def postgres(s):
    shutil.chown(s.dir, "postgres", "postgres")
    bin = sorted(pathlib.Path("/usr/lib/postgresql").iterdir())[-1] / "bin"
    def as_user(*command):
        return ("runuser", "-u", "postgres", "--", *command)
    s.run(*as_user(f"{bin}/initdb", "-D", f"{s.dir}/db", "-A", "scram-sha-256", "--pwfile=/dev/stdin"), check=True,
          stdin=open(s.file("password", "secret\n")))
    s.start(*as_user(f"{bin}/postgres", "-D", f"{s.dir}/db", "-p", "5433", "-h", "127.0.0.1", "-k", str(s.dir)), port=5433)
    time.sleep(1)
    s.run("psql", "host=127.0.0.1 port=5433 user=postgres sslmode=disable gssencmode=disable", "-c",
          "create table t (a int, b text)", "-c", "insert into t values (1, 'hello'), (2, null)", "-c", "select * from t",
          "-c", "copy t to stdout", "-c", "select nothing", env=dict(os.environ, PGPASSWORD="secret"))
    s.run(*as_user(f"{bin}/pgbench", "-h", "127.0.0.1", "-p", "5433", "-i", "-q", "-I", "dt"),
          env=dict(os.environ, PGPASSWORD="secret", PGSSLMODE="disable", PGGSSENCMODE="disable"))


@protocol("mysql", 3307)
def mysql(s):
    s.run("mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={s.dir}/db",
          "--auth-root-authentication-method=normal", check=True, timeout=120)
    s.start("mariadbd", "--no-defaults", "--user=root", f"--datadir={s.dir}/db", "--port=3307", "--bind-address=127.0.0.1",
            f"--socket={s.dir}/sock", f"--pid-file={s.dir}/pid", port=3307)
    s.run("mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", "3307", "-u", "root", "--skip-ssl", "-e",
          "create database d; use d; create table t (a int, b text); insert into t values (1, 'hello'), (2, null);"
          "select * from t; select nothing;", "--force")
    s.python("""
import pymysql
c = pymysql.connect(host="127.0.0.1", port=3307, user="root", ssl_disabled=True)
k = c.cursor(); k.execute("select 1, repeat('x', 300)"); k.fetchall(); c.close()""")


@protocol("redis", 6380)
def redis(s):
    s.start("redis-server", "--port", "6380", "--bind", "127.0.0.1", "--save", "", port=6380)
    s.python("""
import redis
for version in (2, 3):
    r = redis.Redis(port=6380, protocol=version)
    r.ping(); r.set("k", "hello"); r.get("k"); r.get("none"); r.delete("l", "h", "z"); r.rpush("l", "a", "b", "c")
    r.lrange("l", 0, -1); r.incr("n"); r.set("e", ""); r.get("e"); r.set("lines", "a\\r\\n$3\\r\\nb"); r.get("lines")
    r.lrange("none", 0, -1); r.hset("h", mapping={"a": 1, "b": 2}); r.hgetall("h"); r.smembers("none")
    r.zadd("z", {"a": 1.5}); r.zscore("z", "a"); r.client_info(); r.object("encoding", "k")
    p = r.pipeline(); p.get("k"); p.get("none"); p.execute()
    try: r.execute_command("NOPE")
    except redis.ResponseError: pass
    r.close()""")
    for command in (["PING"], ["GET", "k"], ["EVAL", "return {1, 'a', false, {2}}", "0"]):
        s.run("redis-cli", "-p", "6380", *command)


@protocol("memcached", 11212)
def memcached(s):
    s.start("memcached", "-p", "11212", "-l", "127.0.0.1", "-u", "root", "-U", "0", port=11212)
    s.python("""
from pymemcache.client.base import Client
c = Client(("127.0.0.1", 11212), default_noreply=False)
c.set("k", "hello"); c.get("k"); c.get("none"); c.set("empty", ""); c.get_many(["k", "empty", "none"])
c.set("lines", "a\\r\\nEND\\r\\nb"); c.gets("lines"); c.cas("lines", "c", c.gets("lines")[1]); c.append("k", "!"); c.incr("k", 1) if 0 else None
c.set("n", "7"); c.incr("n", 3); c.touch("n", 9); c.delete("n"); c.version(); c.close()""")


@protocol("memcached-binary", 11213)
def memcached_binary(s):
    s.start("memcached", "-p", "11213", "-l", "127.0.0.1", "-u", "root", "-U", "0", port=11213)
    s.file("alpha", "hello\n")
    s.file("beta", "x" * 1000)
    s.run("memccp", "--binary", "--servers=127.0.0.1:11213", "alpha", "beta")
    s.run("memccat", "--binary", "--servers=127.0.0.1:11213", "alpha", "none")
    s.run("memcstat", "--binary", "--servers=127.0.0.1:11213")


@protocol("git", 9419)
def git(s):
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example",
               GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@example", HOME=str(s.dir))
    s.file("make", "git init -q r && cd r && echo hello > a && git add a && git commit -qm one && git tag v1 && "
                   "echo more >> a && git commit -qam two && touch .git/git-daemon-export-ok\n")
    s.run("sh", "make", env=env, check=True)
    s.start("git", "daemon", "--port=9419", "--listen=127.0.0.1", f"--base-path={s.dir}", "--reuseaddr", env=env, port=9419)
    s.run("git", "clone", "-q", "git://127.0.0.1:9419/r", "c2", env=env, check=True)
    s.run("git", "-c", "protocol.version=0", "ls-remote", "git://127.0.0.1:9419/r", env=env, check=True)


@protocol("syslog", 6514)
def syslog(s):
    s.file("r.conf", f'module(load="imtcp")\ninput(type="imtcp" port="6514" address="127.0.0.1")\n'
                     f'*.* action(type="omfile" file="{s.dir}/out")\n')
    s.start("rsyslogd", "-n", "-f", str(s.dir / "r.conf"), "-i", str(s.dir / "pid"), port=6514)
    s.run("logger", "-T", "-n", "127.0.0.1", "-P", "6514", "--octet-count", "-t", "a", "hello")
    s.run("logger", "-T", "-n", "127.0.0.1", "-P", "6514", "--octet-count", "-t", "a", stdin=open(
        s.file("lines", "one\ntwo two\nthree three three\n")))
    s.run("logger", "-T", "-n", "127.0.0.1", "-P", "6514", "--rfc3164", "-t", "a", stdin=open(
        s.file("more", "four\nfive five\n")))


@protocol("smtp", 2525)
def smtp(s):
    s.start(PYTHON, "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:2525", "-c", "aiosmtpd.handlers.Sink", port=2525)
    s.run("swaks", "--server", "127.0.0.1:2525", "--to", "b@example", "--from", "a@example", "--body",
          "hello\n.\n..dots\n")


@protocol("ftp", 2121)
def ftp(s):
    s.file("a.txt", "hello\n")
    s.start(PYTHON, "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", "2121", "-d", str(s.dir), port=2121)
    s.run("curl", "-s", "ftp://127.0.0.1:2121/", "ftp://127.0.0.1:2121/a.txt", "ftp://127.0.0.1:2121/none")


@protocol("irc", 6668)
def irc(s):
    s.file("n.conf", "[Global]\nName = irc.example\nInfo = test\nListen = 127.0.0.1\nPorts = 6668\nMotdPhrase = hello\n"
                     "[Options]\nIdent = no\nPAM = no\nDNS = no\n[Limits]\nMaxNickLength = 20\n")
    s.start("ngircd", "-n", "-f", str(s.dir / "n.conf"), port=6668)
    for nick in ("alice", "bob"):
        s.start("ii", "-s", "127.0.0.1", "-p", "6668", "-n", nick, "-i", str(s.dir / nick))
    time.sleep(2)
    for nick in ("alice", "bob"):
        (s.dir / nick / "127.0.0.1" / "in").open("w").write("/j #room\n")
    time.sleep(1)
    (s.dir / "alice" / "127.0.0.1" / "#room" / "in").open("w").write("hello, bob\n")
    (s.dir / "bob" / "127.0.0.1" / "#room" / "in").open("w").write("hello, alice\n")
    time.sleep(1)


@protocol("bgp", 179)
def bgp(s):
    for me, other, asn, peer in (("127.0.0.1", "127.0.0.2", 65001, 65002), ("127.0.0.2", "127.0.0.1", 65002, 65001)):
        s.file(f"{asn}.conf", f"""router id 192.0.2.{asn - 65000};
protocol device {{}}
protocol static {{ ipv4; route 198.51.{asn - 65000}.0/24 blackhole; route 203.0.{asn - 65000}.0/24 blackhole; }}
protocol bgp {{ local {me} as {asn}; neighbor {other} as {peer}; multihop; strict bind; connect delay time 1;
  keepalive time 1; hold time 3; ipv4 {{ import all; export all; next hop self; }}; }}
""")
        s.start("bird", "-f", "-c", f"{asn}.conf", "-s", str(s.dir / f"{asn}.ctl"), "-P", str(s.dir / f"{asn}.pid"))
    time.sleep(7)


@protocol("ldap", 3890)
def ldap(s):
    (s.dir / "db").mkdir()
    s.file("slapd.conf", f"""include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {s.dir}/pid
database mdb
suffix "dc=example"
rootdn "cn=admin,dc=example"
rootpw secret
directory {s.dir}/db
""")
    s.start("slapd", "-f", "slapd.conf", "-h", "ldap://127.0.0.1:3890/", "-d", "0", port=3890)
    s.file("a.ldif", "dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\no: example\ndc: example\n\n"
                     "dn: ou=people,dc=example\nobjectClass: organizationalUnit\nou: people\ndescription: " + "x" * 200 + "\n")
    s.run("ldapadd", "-x", "-H", "ldap://127.0.0.1:3890", "-D", "cn=admin,dc=example", "-w", "secret", "-f", "a.ldif")
    s.run("ldapsearch", "-x", "-H", "ldap://127.0.0.1:3890", "-b", "dc=example")
    s.run("ldapwhoami", "-x", "-H", "ldap://127.0.0.1:3890")


@protocol("modbus", 5020)
def modbus(s):
    s.start(PYTHON, "-c", """
from pymodbus.server import StartTcpServer
from pymodbus.simulator import SimData, SimDevice, DataType
try:
    from pymodbus.datastore import ModbusServerContext, ModbusDeviceContext, ModbusSequentialDataBlock as B
    context = ModbusServerContext(devices=ModbusDeviceContext(di=B(1, [0]*200), co=B(1, [0]*200), hr=B(1, [7]*200), ir=B(1, [8]*200)), single=True)
except ImportError:
    context = SimDevice(1, [SimData(0, count=200, values=7, datatype=DataType.REGISTERS)])
StartTcpServer(context, address=("127.0.0.1", 5020))""", port=5020)
    s.python("""
from pymodbus.client import ModbusTcpClient
c = ModbusTcpClient("127.0.0.1", port=5020); c.connect()
c.read_holding_registers(0, count=2); c.write_register(1, 42); c.read_holding_registers(0, count=100)
c.read_coils(0, count=9); c.write_registers(5, [1, 2, 3]); c.read_holding_registers(60000, count=1); c.close()""")


@protocol("tpkt", 1102)
def tpkt(s):
    s.start(PYTHON, "-c", """
import snap7, time, ctypes
server = snap7.server.Server(); data = (ctypes.c_uint8 * 600)()
try: area = snap7.SrvArea.DB
except AttributeError: area = snap7.type.SrvArea.DB
server.register_area(area, 1, data); server.start(tcp_port=1102)
time.sleep(60)""", port=1102)
    s.python("""
import snap7
c = snap7.client.Client(); c.connect("127.0.0.1", 0, 1, 1102)
c.db_write(1, 0, bytearray(b"hello")); c.db_read(1, 0, 5); c.db_read(1, 0, 600); c.disconnect()""")


@protocol("diameter", 3868)
def diameter(s):
    for me, other, port, there in (("a.example", "b.example", 3868, 3870), ("b.example", "a.example", 3870, 3868)):
        certificate(s, me)
        for kind in ("cert", "key"):
            os.rename(s.dir / f"{kind}.pem", s.dir / f"{me}.{kind}")
        s.file(f"{me}.conf", f"""Identity = "{me}"; Realm = "example"; Port = {port}; SecPort = 0; No_SCTP; No_IPv6;
ListenOn = "127.0.0.1"; TwTimer = 6; TcTimer = 2;
TLS_Cred = "{s.dir}/{me}.cert", "{s.dir}/{me}.key"; TLS_CA = "{s.dir}/{me}.cert";
LoadExtension = "acl_wl.fdx" : "{s.dir}/acl.conf";
""" + (f'ConnectPeer = "{other}" {{ ConnectTo = "127.0.0.1"; Port = {there}; No_TLS; No_SCTP; No_IPv6; }};\n' if me[0] == "b" else ""))
    s.file("acl.conf", "ALLOW_IPSEC a.example b.example\n")
    s.start("freeDiameterd", "-c", "a.example.conf", port=3868)
    s.start("freeDiameterd", "-c", "b.example.conf")
    time.sleep(16)


@protocol("smpp", 2775)
def smpp(s):
    s.start("node", "-e", """
const smpp = require('smpp');
smpp.createServer(session => {
  session.on('pdu', pdu => { if (!pdu.isResponse()) session.send(pdu.response({message_id: '42'})); });
}).listen(2775, '127.0.0.1');""", port=2775)
    s.run("node", "-e", """
const smpp = require('smpp');
const session = smpp.connect({url: 'smpp://127.0.0.1:2775'}, () => {
  session.bind_transceiver({system_id: 'me', password: 'secret'}, () => {
    session.submit_sm({destination_addr: '123', short_message: 'hello'}, () => {
      session.enquire_link({}, () => session.submit_sm({destination_addr: '4', message_payload: 'x'.repeat(300)},
        () => session.unbind({}, () => { session.close(); process.exit(); })));
    });
  });
});""", check=True)


@protocol("hl7", 2576)
def hl7(s):
    s.start(PYTHON, "-c", """
import asyncio, hl7
from hl7.mllp import start_hl7_server
async def serve(reader, writer):
    try:
        while True:
            message = await reader.readmessage(); writer.writemessage(message.create_ack()); await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError): writer.close()
async def main():
    async with await start_hl7_server(serve, host="127.0.0.1", port=2576) as server: await server.serve_forever()
asyncio.run(main())""", port=2576)
    s.python(r"""
import hl7
from hl7.client import MLLPClient
with MLLPClient("127.0.0.1", 2576) as c:
    for id in ("1", "2"):
        c.send_message("MSH|^~\\&|A|B|C|D|20240101000000||ADT^A01|" + id + "|P|2.3\rPID|||" + "9" * 20 * int(id) + "\r")""")


@protocol("fix", 9878)
def fix(s):
    for role, extra in (("acceptor", "SocketAcceptPort=9878"), ("initiator", "SocketConnectHost=127.0.0.1\nSocketConnectPort=9878")):
        sender, target = ("S", "C") if role == "acceptor" else ("C", "S")
        s.file(f"{role}.cfg", f"""[DEFAULT]
ConnectionType={role}
{extra}
StartTime=00:00:00
EndTime=00:00:00
HeartBtInt=1
ReconnectInterval=1
UseDataDictionary=N
FileStorePath={s.dir}/{role}
[SESSION]
BeginString=FIX.4.4
SenderCompID={sender}
TargetCompID={target}
""")
    program = s.file("peer.py", """
import sys, time, quickfix as fix
class App(fix.Application):
    def onCreate(self, i): pass
    def onLogon(self, i):
        if sys.argv[1] == "initiator":
            m = fix.Message(); m.getHeader().setField(fix.MsgType("B")); m.setField(148, "hello"); m.setField(58, "x" * 300)
            fix.Session.sendToTarget(m, i)
    def onLogout(self, i): pass
    def toAdmin(self, m, i): pass
    def fromAdmin(self, m, i): pass
    def toApp(self, m, i): pass
    def fromApp(self, m, i): pass
settings = fix.SessionSettings(sys.argv[1] + ".cfg")
make = fix.SocketAcceptor if sys.argv[1] == "acceptor" else fix.SocketInitiator
peer = make(App(), fix.MemoryStoreFactory(), settings)
peer.start(); time.sleep(float(sys.argv[2])); peer.stop()
""")
    s.start(PYTHON, program, "acceptor", "20", port=9878)
    s.run(PYTHON, program, "initiator", "6", check=True)


@protocol("lsp", 2087)
def lsp(s):
    s.start(PYTHON, "-m", "pylsp", "--tcp", "--host", "127.0.0.1", "--port", "2087", port=2087)
    s.run("node", "-e", """
const net = require('net'), rpc = require('vscode-languageserver-protocol/node');
const socket = net.connect(2087, '127.0.0.1', async () => {
  const c = rpc.createMessageConnection(new rpc.SocketMessageReader(socket), new rpc.SocketMessageWriter(socket));
  c.listen();
  await c.sendRequest('initialize', {processId: null, rootUri: null, capabilities: {}});
  c.sendNotification('initialized', {});
  const uri = 'file:///a.py';
  c.sendNotification('textDocument/didOpen', {textDocument: {uri, languageId: 'python', version: 1, text: 'x = 1\\n# \\u00e9\\n'}});
  await c.sendRequest('textDocument/documentSymbol', {textDocument: {uri}});
  await c.sendRequest('shutdown'); c.sendNotification('exit');
  setTimeout(() => process.exit(), 500);
});""", check=True)


@protocol("grpc", 50051)
def grpc(s):
    s.start(PYTHON, "-c", """
import grpc, time
from concurrent import futures
class H(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.stream_stream_rpc_method_handler(lambda it, c: (m[::-1] for m in it))
server = grpc.server(futures.ThreadPoolExecutor(2)); server.add_generic_rpc_handlers((H(),))
server.add_insecure_port("127.0.0.1:50051"); server.start(); time.sleep(60)""", port=50051)
    s.python("""
import grpc
with grpc.insecure_channel("127.0.0.1:50051") as c:
    print(list(c.stream_stream("/a.B/C")(iter([b"hello", b"", b"x" * 300]))))
    print(list(c.stream_stream("/a.B/D")(iter([b"y" * 20000]))))""")


@protocol("thrift", 9090)
def thrift(s):
    s.file("a.thrift", "service Echo { string echo(1: string s), oneway void note(1: i32 n) }\n")
    s.start(PYTHON, "-c", """
import thriftpy2
from thriftpy2.rpc import make_server
from thriftpy2.transport import TFramedTransportFactory
a = thriftpy2.load("a.thrift", module_name="a_thrift")
class D:
    def echo(self, s): return s
    def note(self, n): pass
make_server(a.Echo, D(), "127.0.0.1", 9090, trans_factory=TFramedTransportFactory()).serve()""", port=9090)
    s.python("""
import thriftpy2
from thriftpy2.rpc import client_context
from thriftpy2.transport import TFramedTransportFactory
a = thriftpy2.load("a.thrift", module_name="a_thrift")
with client_context(a.Echo, "127.0.0.1", 9090, trans_factory=TFramedTransportFactory()) as c:
    c.echo("hello"); c.note(7); c.echo(""); c.echo("x" * 500)""")


@protocol("mongodb", 27018)
def mongodb(s):
    s.python("""
from mockupdb import MockupDB, go, OpMsg
import pymongo
server = MockupDB(port=27018, auto_ismaster=True, max_wire_version=21); server.run()
server.autoresponds("ping"); server.autoresponds("insert", ok=1, n=2); server.autoresponds("find", cursor={"id": 0, "ns": "d.c", "firstBatch": [{"a": 1}, {"b": "x" * 200}]})
c = pymongo.MongoClient("127.0.0.1", 27018, serverSelectionTimeoutMS=4000)
c.admin.command("ping"); c.d.c.insert_many([{"a": 1}, {"b": "x" * 200}]); list(c.d.c.find()); c.close(); server.stop()""")


@protocol("9p", 5640)
def p9(s):
    (s.dir / "export").mkdir()
    s.file("export/a.txt", "hello\n")
    s.start("diod", "-f", "-n", "-N", "-l", "127.0.0.1:5640", "-e", str(s.dir / "export"), "-L", "stderr", port=5640)
    s.file("export/b.txt", "x" * 3000)
    s.run("diodls", "-s", "127.0.0.1:5640", "-a", str(s.dir / "export"), "-l", check=True)
    s.run("diodcat", "-s", "127.0.0.1:5640", "-a", str(s.dir / "export"), "a.txt", "b.txt", check=True)


@protocol("ssh", 2222)
def ssh(s):
    s.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host", check=True)
    os.makedirs("/run/sshd", exist_ok=True)
    s.start("/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", str(s.dir / "host"), "-p", "2222", "-o",
            "ListenAddress=127.0.0.1", "-o", f"PidFile={s.dir}/pid", port=2222)
    s.run("ssh", "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
          "BatchMode=yes", "-p", "2222", "nobody@127.0.0.1", "true")


@protocol("zmtp", 5556)
def zmtp(s):
    s.start(PYTHON, "-c", """
import zmq
r = zmq.Context().socket(zmq.REP); r.bind("tcp://127.0.0.1:5556")
while True: r.send_multipart(r.recv_multipart())""", port=5556)
    s.python("""
import zmq
c = zmq.Context(); r = c.socket(zmq.REQ); r.connect("tcp://127.0.0.1:5556")
for parts in ([b"hello"], [b"", b"a", b"x" * 255], [b"y" * 256], [b"z" * 3000, b""]):
    r.send_multipart(parts); assert r.recv_multipart() == parts
c.destroy(linger=0)""")


@protocol("nats", 4223)
def nats(s):
    s.start("nats-server", "-a", "127.0.0.1", "-p", "4223", port=4223)
    s.python("""
import asyncio, nats
async def main():
    c = await nats.connect("nats://127.0.0.1:4223")
    async def answer(m): await m.respond(b"yes: " + m.data)
    await c.subscribe("q.*", cb=answer)
    await c.request("q.a", b"hello"); await c.request("q.b", b""); await c.request("q.c", b"a\\r\\nPING\\r\\nb")
    await c.publish("q.d", b"x" * 300, headers={"a": "b"}); await c.flush(); await c.drain()
asyncio.run(main())""")


@protocol("fastcgi", 9001)
def fastcgi(s):
    s.file("a.php", "<?php echo 'hello '; echo file_get_contents('php://input'); error_log('a word aside');\n")
    s.file("fpm.conf", "[global]\nerror_log = fpm.log\ndaemonize = no\n[www]\nlisten = 127.0.0.1:9001\npm = static\n"
                       "pm.max_children = 1\nuser = root\ngroup = root\ncatch_workers_output = no\n"
                       "php_admin_value[error_log] =\nphp_admin_flag[log_errors] = on\n")
    fpm = sorted(pathlib.Path("/usr/sbin").glob("php-fpm*"))[-1]
    s.start(str(fpm), "-R", "-y", str(s.dir / "fpm.conf"), port=9001)
    nginx(s, f"server {{ listen 127.0.0.1:8085; root {s.dir}; location / {{ fastcgi_pass 127.0.0.1:9001; "
             f"fastcgi_param SCRIPT_FILENAME {s.dir}/a.php; fastcgi_param REQUEST_METHOD $request_method; "
             "fastcgi_param CONTENT_LENGTH $content_length; fastcgi_keep_conn on; }} }}".replace("}}", "}"), 8085)
    s.run("curl", "-s", "http://127.0.0.1:8085/", "http://127.0.0.1:8085/")
    s.run("curl", "-s", "-d", "x" * 200, "http://127.0.0.1:8085/")


@protocol("onc-rpc", 111)
def onc_rpc(s):
    os.makedirs("/run/rpcbind", exist_ok=True)
    s.start("rpcbind", "-f", port=111)
    time.sleep(0.5)
    s.run("rpcinfo", "-p", "127.0.0.1")
    s.run("rpcinfo", "-T", "tcp", "127.0.0.1", "100000")
    s.run("rpcinfo", "-s", "127.0.0.1")


@protocol("openflow", 6653)
def openflow(s):
    s.start("ovs-testcontroller", "ptcp:6653:127.0.0.1", "--unixctl=" + str(s.dir / "c.ctl"), port=6653)
    s.run("ovsdb-tool", "create", "conf.db", "/usr/share/openvswitch/vswitch.ovsschema", check=True)
    db = f"unix:{s.dir}/db.sock"
    s.start("ovsdb-server", "conf.db", f"--remote=p{db}", "--unixctl=" + str(s.dir / "d.ctl"))
    time.sleep(1)
    s.start("ovs-vswitchd", db, "--enable-dummy=override", "--disable-system", "--unixctl=" + str(s.dir / "v.ctl"))
    s.run("ovs-vsctl", f"--db={db}", "--no-wait", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=dummy",
          "protocols=OpenFlow10,OpenFlow13", "other-config:inactivity-probe=1000", "--", "set-controller", "br0",
          "tcp:127.0.0.1:6653", check=True)
    s.run("ovs-vsctl", f"--db={db}", "--timeout=5", "add-port", "br0", "p1", "--", "set", "interface", "p1", "type=dummy")
    time.sleep(7)


@protocol("minecraft", 25566)
def minecraft(s):
    s.start("node", "-e", """
require('minecraft-protocol').createServer({'online-mode': false, host: '127.0.0.1', port: 25566, version: '1.16.4',
  motd: 'hello', maxPlayers: 3});""", port=25566)
    s.run("node", "-e", """
const mc = require('minecraft-protocol');
mc.ping({host: '127.0.0.1', port: 25566, version: '1.16.4'}, (error, result) => { console.log(error, result); process.exit(); });""",
          check=True)


@protocol("adb", 5038)
def adb(s):
    env = dict(os.environ, HOME=str(s.dir), ANDROID_ADB_SERVER_PORT="5038")
    s.start("adb", "-P", "5038", "nodaemon", "server", env=env, port=5038)
    time.sleep(1)
    for command in (["devices"], ["devices", "-l"], ["get-state"], ["host-features"]):
        s.run("adb", "-P", "5038", *command, env=env)


@protocol("dicom", 11112)
def dicom(s):
    s.start(PYTHON, "-m", "pynetdicom", "echoscp", "11112", port=11112)
    s.run(PYTHON, "-m", "pynetdicom", "echoscu", "127.0.0.1", "11112", "--repeat", "2")


@protocol("sip", 5070)
def sip(s):
    s.start("sipp", "-sn", "uas", "-t", "t1", "-i", "127.0.0.1", "-p", "5070", "-nostdin", port=5070)
    s.run("sipp", "-sn", "uac", "-t", "t1", "-i", "127.0.0.1", "-p", "5071", "127.0.0.1:5070", "-m", "2", "-r", "5",
          "-nostdin", "-d", "200")


@protocol("coap", 5683)
def coap(s):
    s.start(PYTHON, "-c", """
import asyncio, aiocoap, aiocoap.resource as r
class Echo(r.Resource):
    async def render_post(self, q): return aiocoap.Message(payload=q.payload)
async def main():
    site = r.Site(); site.add_resource(["echo"], Echo())
    await aiocoap.Context.create_server_context(site, bind=("127.0.0.1", None), transports=["tcpserver"])
    await asyncio.Future()
asyncio.run(main())""", port=5683)
    s.python("""
import asyncio, aiocoap
async def main():
    c = await aiocoap.Context.create_client_context(transports=["tcpclient"])
    for n in (0, 5, 12, 13, 250, 300, 3000):
        q = aiocoap.Message(code=aiocoap.POST, uri="coap+tcp://127.0.0.1/echo", payload=b"x" * n)
        await asyncio.wait_for(c.request(q).response, 5)
    await c.shutdown()
asyncio.run(main())""")


@protocol("rtp", 5004)
def rtp(s):
    def tone(samples):
        return ["audiotestsrc", "num-buffers=25", f"samplesperbuffer={samples}", "is-live=true", "!", "audio/x-raw,rate=8000",
                "!", "audioconvert", "!", "mulawenc", "!", "rtppcmupay", "!", "rtpstreampay", "!"]

    def listener(source, *options):
        return [source, "host=127.0.0.1", "port=5004", *options, "!",
                "application/x-rtp-stream,media=audio,clock-rate=8000,encoding-name=PCMU", "!", "rtpstreamdepay", "!", "fakesink"]

    # The server sends, and then the client.
    server = s.start("gst-launch-1.0", *tone(80), "tcpserversink", "host=127.0.0.1", "port=5004", "sync-method=2",
                     "buffers-min=200", port=5004)
    s.run("gst-launch-1.0", *listener("tcpclientsrc", "num-buffers=12"), timeout=10)
    server.terminate(); server.wait(10)
    s.start("gst-launch-1.0", *listener("tcpserversrc"), port=5004)
    s.run("gst-launch-1.0", *tone(400), "tcpclientsink", "host=127.0.0.1", "port=5004", timeout=10)


@protocol("imap", 1430)
def imap(s):
    home = s.dir / "mail"
    (home / "new").mkdir(parents=True); (home / "cur").mkdir(); (home / "tmp").mkdir()
    s.file("mail/new/1.a", "From: a@example\nSubject: one\n\nhello\n")
    s.file("mail/new/2.a", "From: a@example\nSubject: two\n\n" + "x" * 300 + "\n")
    shutil.chown(s.dir, "dovecot"); subprocess.run(["chown", "-R", "nobody", str(home)])
    s.file("d.conf", f"""base_dir = {s.dir}/run
log_path = {s.dir}/d.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}
first_valid_uid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}
}}
service imap-login {{
  inet_listener imap {{
    port = 1430
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
""")
    s.start("dovecot", "-F", "-c", str(s.dir / "d.conf"), port=1430)
    s.python("""
import imaplib
c = imaplib.IMAP4("127.0.0.1", 1430); c.login("me", "secret"); c.select()
c.fetch("1:2", "(UID BODY.PEEK[HEADER] BODY.PEEK[TEXT])"); c.append("INBOX", None, None, b"Subject: three\\r\\n\\r\\nhello\\r\\n")
c.search(None, "ALL"); c.logout()""")


@protocol("beanstalkd", 11301)
def beanstalkd(s):
    s.start("beanstalkd", "-l", "127.0.0.1", "-p", "11301", port=11301)
    s.python("""
import greenstalk
c = greenstalk.Client(("127.0.0.1", 11301), encoding=None, use="q", watch=["q"])
for body in [b"hello", b"", b"a\\r\\nreserve\\r\\nb", b"x" * 3000]:
    c.put(body)
for _ in range(4):
    job = c.reserve(); c.stats_job(job); c.delete(job)
c.put(b"late", delay=60); c.peek_delayed(); c.stats(); c.stats_tube("q"); c.tubes()
try: c.peek(9999)
except greenstalk.NotFoundError: pass
c.close()""")


@protocol("gearman", 4731)
def gearman(s):
    s.start("gearmand", "-L", "127.0.0.1", "-p", "4731", "--log-file", "stderr", port=4731)
    s.start("gearman", "-h", "127.0.0.1", "-p", "4731", "-w", "-f", "rev", "-c", "3", "rev")
    time.sleep(1)
    for text in ("hello\n", "", "x" * 3000):
        s.run("gearman", "-h", "127.0.0.1", "-p", "4731", "-f", "rev", stdin=open(s.file("work", text)))
    s.run("gearadmin", "-h", "127.0.0.1", "-p", "4731", "--status")


@protocol("dbus", 5501)
def dbus(s):
    s.file("d.conf", """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "">
<busconfig><type>session</type><listen>tcp:host=127.0.0.1,bind=127.0.0.1,port=5501</listen><auth>ANONYMOUS</auth><allow_anonymous/>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>""")
    s.start("dbus-daemon", "--config-file", "d.conf", "--nofork", port=5501)
    for call in (["ListNames"], ["GetNameOwner", "string:org.freedesktop.DBus"], ["NameHasOwner", "string:a.b"], ["Nothing"]):
        s.run("dbus-send", "--bus=tcp:host=127.0.0.1,port=5501", "--print-reply", "--dest=org.freedesktop.DBus",
              "/org/freedesktop/DBus", "org.freedesktop.DBus." + call[0], *call[1:])


@protocol("jdwp", 5005)
def jdwp(s):
    s.file("A.java", "public class A { public static void main(String[] a) throws Exception { for (int i = 0; i < 3; i++) "
                     "System.out.println(i); Thread.sleep(1000); } }\n")
    s.run("javac", "-g", "A.java", check=True)
    s.start("java", "-Xint", "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:5005", "A", port=5005)
    s.run("jdb", "-connect", "com.sun.jdi.SocketAttach:hostname=127.0.0.1,port=5005", input=b"stop in A.main\nrun\nwhere\nthreads\ncont\n")


@protocol("kerberos", 8888)
def kerberos(s):
    s.file("kdc.conf", f"""[kdcdefaults]
kdc_listen = 127.0.0.1:8888
kdc_tcp_listen = 127.0.0.1:8888
[realms]
A.EXAMPLE = {{
  database_name = {s.dir}/db
  acl_file = {s.dir}/acl
  key_stash_file = {s.dir}/stash
}}
""")
    s.file("krb5.conf", """[libdefaults]
default_realm = A.EXAMPLE
udp_preference_limit = 1
dns_lookup_kdc = false
rdns = false
[realms]
A.EXAMPLE = {
  kdc = 127.0.0.1:8888
}
""")
    env = dict(os.environ, KRB5_CONFIG=str(s.dir / "krb5.conf"), KRB5_KDC_PROFILE=str(s.dir / "kdc.conf"),
               KRB5CCNAME=f"FILE:{s.dir}/cc")
    s.run("kdb5_util", "create", "-s", "-r", "A.EXAMPLE", "-P", "master", env=env, check=True)
    for principal in ("me", "service/host"):
        s.run("kadmin.local", "-q", f"addprinc -pw secret {principal}@A.EXAMPLE", env=env, check=True)
    s.start("krb5kdc", "-n", env=env, port=8888)
    for password in (b"secret\n", b"wrong\n"):
        s.run("kinit", "me@A.EXAMPLE", env=env, input=password)
    s.run("kinit", "me@A.EXAMPLE", env=env, input=b"secret\n")
    s.run("kvno", "service/host@A.EXAMPLE", env=env)


@protocol("nbd", 10810)
def nbd(s):
    s.start("nbdkit", "-f", "-i", "127.0.0.1", "-p", "10810", "memory", "1M", port=10810)
    s.run("nbdinfo", "nbd://127.0.0.1:10810/")
    s.file("image", "0123456789abcdef" * 512)
    s.run("nbdcopy", "--no-extents", "--request-size=4096", "image", "nbd://127.0.0.1:10810/")
    s.run("nbdinfo", "--map", "nbd://127.0.0.1:10810/")


@protocol("iscsi", 3261)
def iscsi(s):
    s.file("image", "0123456789abcdef" * 65536)
    tgtd = s.start("tgtd", "-f", "-C", "7", "--iscsi", "portal=127.0.0.1:3261", port=3261)
    def tgtadm(*a):
        s.run("tgtadm", "-C", "7", "--lld", "iscsi", *a, check=True)
    tgtadm("--mode", "target", "--op", "new", "--tid", "1", "-T", "iqn.2001-04.com.example:t")
    tgtadm("--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", str(s.dir / "image"))
    tgtadm("--mode", "target", "--op", "bind", "--tid", "1", "-I", "ALL")
    s.run("iscsi-ls", "-s", "iscsi://127.0.0.1:3261")
    s.run("iscsi-inq", "iscsi://127.0.0.1:3261/iqn.2001-04.com.example:t/1")
    s.run("iscsi-readcapacity16", "iscsi://127.0.0.1:3261/iqn.2001-04.com.example:t/1")


@protocol("opcua", 4840)
def opcua(s):
    s.start(PYTHON, "-c", """
import asyncio
from asyncua import Server
async def main():
    server = Server(); await server.init(); server.set_endpoint("opc.tcp://127.0.0.1:4840/")
    await server.nodes.objects.add_variable(2, "v", 6.7)
    async with server: await asyncio.sleep(60)
asyncio.run(main())""", port=4840)
    s.python("""
import asyncio
from asyncua import Client
async def main():
    async with Client("opc.tcp://127.0.0.1:4840/") as c:
        for child in await c.nodes.objects.get_children(): await child.read_browse_name()
        await c.get_namespace_array()
asyncio.run(main())""")


@protocol("osc", 9700)
def osc(s):
    osc_over_tcp(s, 9700, "1.0")


@protocol("osc-slip", 9701)
def osc_slip(s):
    osc_over_tcp(s, 9701, "1.1")


def osc_over_tcp(s, port, mode):
    s.start(PYTHON, "-c", f"""
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_tcp_server import BlockingOSCTCPServer
d = Dispatcher(); d.set_default_handler(lambda address, *values: ("/answer", *values))
BlockingOSCTCPServer(("127.0.0.1", {port}), d, mode="{mode}").serve_forever()""", port=port)
    s.python(f"""
from pythonosc.tcp_client import SimpleTCPClient
c = SimpleTCPClient("127.0.0.1", {port}, mode="{mode}")
for address, value in [("/a", 1), ("/a/b", [0.5, "text", b"\\\\xc0\\\\xdb\\\\xdc"]), ("/long", "x" * 3000)]:
    c.send_message(address, value); c.receive(1)""")


@protocol("smb", 4450)
def smb(s):
    s.file("a.txt", "hello, hello\n" * 300)
    s.start(PYTHON, "-c", f"""
from impacket.smbserver import SimpleSMBServer
server = SimpleSMBServer("127.0.0.1", 4450); server.addShare("S", "{s.dir}"); server.setSMB2Support(True); server.start()""",
            port=4450)
    s.run("smbclient", "-p", "4450", "-N", "//127.0.0.1/S", "-c", "ls; get a.txt b.txt; put a.txt c.txt", env=dict(os.environ, HOME=str(s.dir)))


@protocol("snmp", 1610)
def snmp(s):
    s.file("snmpd.conf", "rocommunity public\nagentaddress tcp:127.0.0.1:1610\nsysLocation here\n")
    s.start("snmpd", "-f", "-C", "-c", "snmpd.conf", "-Lo", "-p", "snmpd.pid", port=1610)
    s.run("snmpwalk", "-v2c", "-c", "public", "tcp:127.0.0.1:1610", "1.3.6.1.2.1.1")
    s.run("snmpbulkget", "-v2c", "-c", "public", "-Cr20", "tcp:127.0.0.1:1610", "1.3.6.1.2.1")
    s.run("snmpget", "-v1", "-c", "public", "tcp:127.0.0.1:1610", "1.3.6.1.2.1.1.6.0")


@protocol("tarantool", 3310)
def tarantool(s):
    s.file("t.lua", "box.cfg{listen='127.0.0.1:3310', wal_mode='none', memtx_memory=33554432}\n"
                    "box.schema.user.grant('guest', 'read,write,execute,create', 'universe', nil, {if_not_exists=true})\n"
                    "s = box.schema.space.create('s', {if_not_exists=true}) s:create_index('p', {if_not_exists=true})\n")
    s.start("tarantool", "t.lua", port=3310)
    time.sleep(1)
    s.file("c.lua", "local c = require('net.box').connect('127.0.0.1:3310') c:ping() c:eval('return 1, ...', {'x'})\n"
                    "c.space.s:replace{1, string.rep('x', 300)} c.space.s:select{} c.space.s:replace{2, string.rep('y', 70000)}\n"
                    "pcall(c.call, c, 'nothing') c:close() os.exit(0)\n")
    s.run("tarantool", "c.lua")


@protocol("uwsgi", 3031)
def uwsgi(s):
    s.start(PYTHON, "-c", """
import socket
l = socket.create_server(("127.0.0.1", 3031))
while True:
    c, _ = l.accept(); c.recv(65536); c.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi"); c.close()""", port=3031)
    nginx(s, "server { listen 127.0.0.1:8093; location / { uwsgi_pass 127.0.0.1:3031; uwsgi_param A b; uwsgi_param LONG $arg_x;"
             " uwsgi_param REQUEST_METHOD $request_method; } }", 8093)
    for query in ("", "?x=" + "y" * 300):
        s.run("curl", "-s", "http://127.0.0.1:8093/" + query)


@protocol("scgi", 4001)
def scgi(s):
    s.start(PYTHON, "-c", """
import socket
l = socket.create_server(("127.0.0.1", 4001))
while True:
    c, _ = l.accept(); c.recv(65536); c.sendall(b"Status: 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi"); c.close()""", port=4001)
    nginx(s, "server { listen 127.0.0.1:8094; location / { scgi_pass 127.0.0.1:4001; scgi_param SCGI 1; scgi_param LONG $arg_x;"
             " scgi_param REQUEST_METHOD $request_method; } }", 8094)
    for query in ("", "?x=" + "y" * 300):
        s.run("curl", "-s", "http://127.0.0.1:8094/" + query)


@protocol("x11", 6077)
def x11(s):
    s.start("Xvfb", ":77", "-listen", "tcp", "-nolisten", "unix", "-ac", "-screen", "0", "100x100x8", port=6077)
    s.run("xdpyinfo", "-display", "127.0.0.1:77")
    s.run("xlsatoms", "-display", "127.0.0.1:77", "-range", "1-30")
    s.run("xprop", "-display", "127.0.0.1:77", "-root")
    s.run("xwininfo", "-display", "127.0.0.1:77", "-root", "-tree")


@protocol("zabbix", 10150)
def zabbix(s):
    s.file("z.conf", f"Server=127.0.0.1\nListenIP=127.0.0.1\nListenPort=10150\nPidFile={s.dir}/pid\nLogType=console\nStartAgents=1\n"
                     "AllowRoot=1\nHostname=a\n")
    s.start("zabbix_agentd", "-f", "-c", "z.conf", port=10150)
    s.python("""
from zabbix_utils import Getter
g = Getter(host="127.0.0.1", port=10150)
for key in ("agent.ping", "agent.version", "system.uname", "nothing", "system.sw.packages"): g.get(key)""")


@protocol("rtsp", 8554)
def rtsp(s):
    s.start("ffmpeg", "-loglevel", "error", "-rtsp_flags", "listen", "-rtsp_transport", "tcp", "-i", "rtsp://127.0.0.1:8554/x", "-f", "null", "-", port=8554)
    s.run("ffmpeg", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "sine=duration=1:sample_rate=8000", "-c:a", "pcm_mulaw", "-rtsp_transport", "tcp",
          "-f", "rtsp", "rtsp://127.0.0.1:8554/x")


@protocol("proxy", 8095)
def proxy(s):
    s.start(PYTHON, "-c", """
import socket
l = socket.create_server(("127.0.0.1", 8095))
while True:
    c, _ = l.accept()
    c.settimeout(1)
    try:
        while c.recv(65536): pass
    except OSError: pass
    c.close()""", port=8095)
    for version, port in (("send-proxy", 8096), ("send-proxy-v2", 8097), ("send-proxy-v2 proxy-v2-options unique-id,crc32c", 8098)):
        s.file(f"{port}.cfg", f"defaults\n  mode tcp\n  timeout connect 2s\n  timeout client 2s\n  timeout server 2s\n"
                              f"listen l\n  bind 127.0.0.1:{port}\n  unique-id-format x%pid\n  server a 127.0.0.1:8095 {version}\n")
        s.start("haproxy", "-f", f"{port}.cfg", "-db", port=port)
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port)):
                time.sleep(0.3)


@protocol("erlang", 9105)
def erlang(s):
    env = dict(os.environ, HOME=str(s.dir), ERL_EPMD_PORT="4399", ERL_EPMD_ADDRESS="127.0.0.1")
    s.start("epmd", "-port", "4399", "-address", "127.0.0.1", port=4399)
    s.start("erl", "-noinput", "-sname", "b@localhost", "-setcookie", "c", "-kernel", "inet_dist_listen_min", "9105",
            "inet_dist_listen_max", "9105", env=env, port=9105)
    time.sleep(2)
    s.run("erl", "-noinput", "-sname", "a@localhost", "-setcookie", "c", "-kernel", "inet_dist_listen_min", "9106",
          "inet_dist_listen_max", "9106", "-eval", "pong = net_adm:ping(b@localhost), [rpc:call(b@localhost, lists, seq, [1, N])"
          " || N <- [1, 10, 1000]], rpc:call(b@localhost, erlang, list_to_binary, [lists:duplicate(70000, 1)]), halt().", env=env)


@protocol("epmd", 4398)
def epmd(s):
    env = dict(os.environ, HOME=str(s.dir), ERL_EPMD_PORT="4398", ERL_EPMD_ADDRESS="127.0.0.1")
    s.start("epmd", "-port", "4398", "-address", "127.0.0.1", port=4398)
    s.run("erl", "-noinput", "-sname", "a@localhost", "-eval", "net_adm:names(), net_adm:ping(b@localhost), halt().", env=env)
    s.run("epmd", "-port", "4398", "-names", env=env)


@protocol("rsync", 8730)
def rsync(s):
    (s.dir / "m").mkdir()
    for name, size in (("a", 10), ("b", 5000), ("c", 40000)):
        (s.dir / "m" / name).write_bytes(bytes(n * n % 251 for n in range(size)))
    s.file("r.conf", f"port = 8730\naddress = 127.0.0.1\nuse chroot = no\n[m]\npath = {s.dir}/m\nread only = no\n")
    s.start("rsync", "--daemon", "--no-detach", "--config=r.conf", port=8730)
    s.run("rsync", "-r", "rsync://127.0.0.1:8730/m/", "copy")


USER = ("-F", "none", "-i", "user", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")


def keys(s, port):
    for name in ("host", "user"):
        s.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name, check=True)
    s.file("authorized", (s.dir / "user.pub").read_text())
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    s.file("sshd.conf", f"Port {port}\nListenAddress 127.0.0.1\nHostKey {s.dir}/host\nAuthorizedKeysFile {s.dir}/authorized\n"
                        "StrictModes no\nPidFile none\nPermitRootLogin yes\nUsePAM no\n")
    s.start("/usr/sbin/sshd", "-D", "-e", "-f", str(s.dir / "sshd.conf"), port=port)


def ssh_with(s, port, *options):
    keys(s, port)
    s.run("ssh", *USER, "-p", str(port), *options, "root@127.0.0.1", "seq 1000", check=True)


@protocol("ssh-etm", 2232)
def ssh_etm(s):
    ssh_with(s, 2232, "-c", "aes128-ctr", "-m", "hmac-sha2-256-etm@openssh.com")


@protocol("ssh-gcm", 2233)
def ssh_gcm(s):
    ssh_with(s, 2233, "-c", "aes128-gcm@openssh.com")


@protocol("iec104", 2405)
def iec104(s):
    s.start(PYTHON, "-c", """
import c104, time
server = c104.Server(ip="127.0.0.1", port=2405)
station = server.add_station(common_address=47)
station.add_point(io_address=11, type=c104.Type.M_ME_NC_1, report_ms=200).value = 4.5
station.add_point(io_address=12, type=c104.Type.C_SC_NA_1)
server.start(); time.sleep(60)""", port=2405)
    s.python("""
import c104, time
client = c104.Client()
connection = client.add_connection(ip="127.0.0.1", port=2405, init=c104.Init.ALL)
station = connection.add_station(common_address=47)
command = station.add_point(io_address=12, type=c104.Type.C_SC_NA_1)
client.start(); time.sleep(2); command.value = True; command.transmit(cause=c104.Cot.ACTIVATION); time.sleep(1)""")


@protocol("enip", 44818)
def enip(s):
    s.start(PYTHON, "-m", "cpppo.server.enip", "-a", "127.0.0.1:44818", "TAG=INT[1000]", port=44818)
    s.run(PYTHON, "-m", "cpppo.server.enip.client", "-a", "127.0.0.1:44818", "TAG[0]=1", "TAG[0-99]", "TAG[3-5]=7,8,9", "TAG[0-9]")
    s.run(PYTHON, "-m", "cpppo.server.enip.client", "-a", "127.0.0.1:44818", "--list-services", "--list-identity")


@protocol("stun", 3479)
def stun(s):
    s.start("turnserver", "-n", "-L", "127.0.0.1", "-p", "3479", "--no-tls", "--no-dtls", "--no-auth", "--no-cli", "-r", "example",
            "--allow-loopback-peers", "--pidfile", str(s.dir / "pid"), "--userdb", str(s.dir / "db"), port=3479)
    s.start("turnutils_peer", "-L", "127.0.0.1")
    s.run("turnutils_uclient", "-t", "-n", "5", "-m", "1", "-l", "171", "-e", "127.0.0.1", "-p", "3479", "127.0.0.1")


@protocol("gdb", 2345)
def gdb(s):
    s.file("a.c", "int main(void) { int a = 1; a += 2; return a; }\n")
    s.run("cc", "-g", "-o", "a", "a.c", check=True)
    s.start("gdbserver", "127.0.0.1:2345", "./a", port=2345)
    s.run("gdb", "-nx", "-batch", "-ex", "set sysroot /", "-ex", "target remote 127.0.0.1:2345", "-ex", "break main", "-ex", "continue", "-ex", "next",
          "-ex", "info registers rip", "-ex", "x/16xb $sp", "-ex", "kill", "./a")


@protocol("gelf", 12201)
def gelf(s):
    sink(s, 12201)
    s.python("""
import logging, graypy, time
log = logging.getLogger("a"); log.addHandler(graypy.GELFTCPHandler("127.0.0.1", 12201))
for text in ("hello", "two\\nlines", "x" * 3000): log.error(text)
time.sleep(0.5); logging.shutdown()""")


@protocol("fluent", 24224)
def fluent(s):
    sink(s, 24224)
    s.python("""
from fluent import sender
f = sender.FluentSender("app", host="127.0.0.1", port=24224, nanosecond_precision=True)
for data in ({"a": 1}, {"b": "x" * 300}, {"c": [1, 2.5, None, {"d": b"y"}]}): f.emit("label", data)
f.close()""")


def sink(s, port):
    s.start(PYTHON, "-c", f"""
import socket
l = socket.create_server(("127.0.0.1", {port}))
while True:
    c, _ = l.accept()
    while c.recv(65536): pass
    c.close()""", port=port)


@protocol("socks5", 1081)
def socks5(s):
    sink(s, 9103)
    keys(s, 2234)
    s.start("ssh", *USER, "-p", "2234", "-N", "-D", "127.0.0.1:1081", "root@127.0.0.1", port=1081)
    for target in ("telnet://127.0.0.1:9103", "telnet://localhost:9103", "telnet://127.0.0.1:9", "telnet://[::1]:9"):
        for kind in ("--socks5", "--socks5-hostname"):
            s.run("curl", "-s", "-m", "2", kind, "127.0.0.1:1081", target)


@protocol("socks5-password", 1082)
def socks5_password(s):
    sink(s, 9103)
    s.start("microsocks", "-i", "127.0.0.1", "-p", "1082", "-u", "ann", "-P", "a long key", port=1082)
    for target in ("telnet://127.0.0.1:9103", "telnet://localhost:9103", "telnet://127.0.0.1:9"):
        for kind in ("--socks5", "--socks5-hostname"):
            s.run("curl", "-s", "-m", "2", "--socks5-basic", "-U", "ann:a long key", kind, "127.0.0.1:1082", target)
    s.run("curl", "-s", "-m", "2", "-U", "ann:wrong", "--socks5", "127.0.0.1:1082", "telnet://127.0.0.1:9103")


@protocol("pop3", 1110)
def pop3(s):
    home = s.dir / "mail"
    for folder in ("new", "cur", "tmp"):
        (home / folder).mkdir(parents=True)
    s.file("mail/new/1.a", "Subject: one\n\nhello\n.\n..two dots\n")
    s.file("mail/new/2.a", "Subject: two\n\n" + "line\n" * 40)
    shutil.chown(s.dir, "dovecot"); subprocess.run(["chown", "-R", "nobody", str(home)])
    s.file("d.conf", f"""base_dir = {s.dir}/run
log_path = {s.dir}/d.log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}
first_valid_uid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = 1110
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
""")
    s.start("dovecot", "-F", "-c", str(s.dir / "d.conf"), port=1110)
    s.python("""
import poplib
c = poplib.POP3("127.0.0.1", 1110); c.capa(); c.user("me"); c.pass_("secret"); c.stat(); c.list(); c.uidl()
c.retr(1); c.top(2, 3); c.retr(2); c.dele(1); c.rset()
try: c.retr(9)
except poplib.error_proto: pass
c.quit()""")


@protocol("kafka", "range 32768-60999")
def kafka(s):
    s.python("""
from confluent_kafka import Producer
p = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "x"})
for n in range(5): p.produce("t", value=b"x" * 10 ** n, key=str(n))
p.flush(10)""")


@protocol("hsms", 5001)
def hsms(s):
    s.start(PYTHON, "-c", """
import secsgem.hsms, secsgem.gem, secsgem.common, time
settings = secsgem.hsms.HsmsSettings(address="127.0.0.1", port=5001, connect_mode=secsgem.hsms.HsmsConnectMode.PASSIVE,
                                     device_type=secsgem.common.DeviceType.EQUIPMENT)
h = secsgem.gem.GemEquipmentHandler(settings); h.enable(); time.sleep(60)""", port=5001)
    s.python("""
import secsgem.hsms, secsgem.gem, secsgem.common, time
settings = secsgem.hsms.HsmsSettings(address="127.0.0.1", port=5001, connect_mode=secsgem.hsms.HsmsConnectMode.ACTIVE,
                                     device_type=secsgem.common.DeviceType.HOST)
h = secsgem.gem.GemHostHandler(settings); h.enable(); h.waitfor_communicating(10)
h.list_svs(); h.list_ecs(); h.are_you_there(); time.sleep(0.5); h.disable()""")


@protocol("lumberjack", 5044)
def lumberjack(s):
    # Acknowledges all events so far, after the frame that follows a window.
    s.start(PYTHON, "-c", """
import socket, struct
l = socket.create_server(("127.0.0.1", 5044))
while True:
    c, _ = l.accept()
    f = c.makefile("rb"); events = 0
    while window := f.read(6):
        events += struct.unpack(">2xI", window)[0]
        f.read(struct.unpack(">2xI", f.read(6))[0]); c.sendall(struct.pack(">2sI", b"2A", events))""", port=5044)
    s.python("""
from pylogbeat import PyLogBeatClient
c = PyLogBeatClient("127.0.0.1", 5044, ssl_enable=False)
for batch in ([{"a": "hello"}], [{"b": n} for n in range(5)], [{"c": "x" * 3000}]): c.send(batch)
c.close()""")


@protocol("ads", 48898)
def ads(s):
    s.start(PYTHON, "-c", """
import time
from pyads.testserver import AdsTestServer
AdsTestServer(ip_address="127.0.0.1").start(); time.sleep(60)""", port=48898)
    s.python("""
import pyads
pyads.open_port(); pyads.set_local_address("127.0.0.1.1.1"); pyads.close_port()
with pyads.Connection("127.0.0.1.2.1", 851, "127.0.0.1") as c:
    c.write(0x4020, 0, 7, pyads.PLCTYPE_INT); c.read(0x4020, 0, pyads.PLCTYPE_INT); c.read_state(); c.read_device_info()
    c.write(0x4020, 8, "x" * 80, pyads.PLCTYPE_STRING)""")


@protocol("bittorrent", 6890)
def bittorrent(s):
    s.python("""
import libtorrent as lt, time, os, pathlib
os.mkdir("a"); os.mkdir("b"); pathlib.Path("a/f").write_bytes(bytes(n * n % 251 for n in range(40000)))
fs = lt.file_storage(); lt.add_files(fs, "a/f"); t = lt.create_torrent(fs, 16384, flags=lt.create_torrent.v1_only); lt.set_piece_hashes(t, "a")
info = lt.torrent_info(lt.bencode(t.generate()))
quiet = {"enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False, "in_enc_policy": 2, "out_enc_policy": 2,
         "enable_outgoing_utp": False, "enable_incoming_utp": False, "allow_multiple_connections_per_ip": True}
seed = lt.session(dict(quiet, listen_interfaces="127.0.0.1:6890")); peer = lt.session(dict(quiet, listen_interfaces="127.0.0.1:6891"))
one = seed.add_torrent({"ti": info, "save_path": "a"}); two = peer.add_torrent({"ti": info, "save_path": "b"})
time.sleep(1); two.connect_peer(("127.0.0.1", 6890))
for _ in range(100):
    if two.status().is_seeding: break
    time.sleep(0.1)
time.sleep(0.5)""")


@protocol("grpc", 50051)
def grpc(s):
    s.start(PYTHON, "-c", """
import grpc, time
from concurrent import futures
def handler(request, context): return request * 2
class Any(grpc.GenericRpcHandler):
    def service(self, details): return grpc.unary_unary_rpc_method_handler(handler)
server = grpc.server(futures.ThreadPoolExecutor(2)); server.add_generic_rpc_handlers((Any(),))
server.add_insecure_port("127.0.0.1:50051"); server.start(); time.sleep(60)""", port=50051)
    s.python("""
import grpc
channel = grpc.insecure_channel("127.0.0.1:50051"); call = channel.unary_unary("/a.B/C")
for size in (0, 5, 300, 40000): call(b"x" * size)
channel.close()""")


@protocol("radius", 1822)
def radius(s):
    s.file("radiusd.conf", f"""prefix = /usr
sysconfdir = /etc
logdir = {s.dir}
raddbdir = /etc/freeradius/3.0
radacctdir = {s.dir}
name = a
confdir = {s.dir}
run_dir = {s.dir}
db_dir = {s.dir}
libdir = /usr/lib/freeradius
pidfile = {s.dir}/pid
security {{
 allow_vulnerable_openssl = yes
 status_server = yes
}}
modules {{
 pap {{
 }}
}}
clients c {{
 client localhost {{
  ipaddr = 127.0.0.1
  proto = tcp
  secret = secret
 }}
}}
server a {{
 listen {{
  type = auth
  proto = tcp
  ipaddr = 127.0.0.1
  port = 1822
  clients = c
 }}
 authorize {{
  if (&User-Name == "me") {{
   update control {{
    Cleartext-Password := "secret"
   }}
   pap
  }}
  else {{
   update control {{
    Auth-Type := Reject
   }}
  }}
 }}
 authenticate {{
  Auth-Type PAP {{
   pap
  }}
 }}
}}
""")
    os.chmod(s.dir, 0o755)
    s.start("freeradius", "-f", "-l", "stdout", "-d", str(s.dir), "-n", "radiusd", port=1822)
    for name in ("me", "you", "me"):
        s.run("radclient", "-P", "tcp", "127.0.0.1:1822", "auth", "secret",
              input=f"User-Name={name}\nUser-Password=secret\n".encode())


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in sys.argv[2:] or RUNS:
        ports, run = RUNS[name]
        stage = Stage()
        pcap = OUT / f"{name}.pcapng"
        pcap.unlink(missing_ok=True)
        dump = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", " or ".join(f"tcp port{port}" if "range" in str(port) else f"tcp port {port}" for port in ports), "-w",
                                 str(pcap)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.7)
            run(stage)
            time.sleep(0.5)
            print(name, "ok", flush=True)
        except Exception as error:
            failed.append(name)
            print(name, "FAILED", stage.dir, str(error)[-1500:], flush=True)
        finally:
            time.sleep(0.3)
            dump.terminate()
            dump.wait()
            stage.close()
            if name not in failed:
                shutil.rmtree(stage.dir, ignore_errors=True)
    sys.exit(bool(failed))


main()
