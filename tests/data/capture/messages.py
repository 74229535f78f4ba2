"""Streams of fragmented messages from other programs, and the messages as those programs put them together."""
import sys,os,random,json
out=sys.argv[1]
os.makedirs(out,exist_ok=True)
random.seed(7)
def save(name,stream,messages):
    open(f"{out}/{name}.bin","wb").write(stream)
    open(f"{out}/{name}.txt","w").write("".join(m.hex()+"\n" for m in messages))
# WebSocket: websockets' sans-I/O protocols; the receiving side reassembles.
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side
def reassemble(stream, side):
    p=Protocol(side)
    p.receive_data(stream)
    msgs=[];cur=None;ctl=[]
    for f in p.events_received():
        if f.opcode in (Opcode.TEXT,Opcode.BINARY): cur=[f.data]
        elif f.opcode is Opcode.CONT: cur.append(f.data)
        else: continue
        if f.fin: msgs.append(b"".join(cur)); cur=None
    return msgs
for role,side in (("client",Side.CLIENT),("server",Side.SERVER)):
    p=Protocol(side)
    for n in range(12):
        parts=[bytes(random.randrange(32,127) for _ in range(random.choice([0,1,5,130,300]))) for _ in range(random.randrange(1,5))]
        (p.send_text if n%2 else p.send_binary)(parts[0],fin=len(parts)==1)
        for i,x in enumerate(parts[1:]):
            if random.random()<.5: p.send_ping(b"ping%d"%i)
            p.send_continuation(x,fin=i==len(parts)-2)
    stream=b"".join(p.data_to_send())
    other=Side.SERVER if side is Side.CLIENT else Side.CLIENT
    save(f"websocket-{role}",stream,reassemble(stream,other))
# ZMTP: a socket pair of pyzmq with a proxy that records; the parts are those that the receiver's libzmq returns.
import zmq,socket,threading
ctx=zmq.Context()
pull=ctx.socket(zmq.PULL); port=pull.bind_to_random_port("tcp://127.0.0.1")
ls=socket.socket(); ls.bind(("127.0.0.1",0)); ls.listen(1)
rec=bytearray()
def pump(a,b,keep):
    try:
        while (d:=a.recv(65536)):
            if keep: rec.extend(d)
            b.sendall(d)
    except OSError: pass
def proxy():
    c,_=ls.accept(); s=socket.create_connection(("127.0.0.1",port))
    threading.Thread(target=pump,args=(s,c,False),daemon=True).start()
    pump(c,s,True)
threading.Thread(target=proxy,daemon=True).start()
push=ctx.socket(zmq.PUSH); push.connect("tcp://127.0.0.1:%d"%ls.getsockname()[1])
got=[]
for n in range(12):
    push.send_multipart([random.randbytes(random.choice([0,1,7,255,256,400])) for _ in range(random.randrange(1,5))])
    got.append(b"".join(pull.recv_multipart()))
import time; time.sleep(.3)
save("zmtp",bytes(rec),got)
# FTP replies: ftplib reads them, codes included.
import ftplib, io
stream=b"".join(random.choice([b"220 ready\r\n",b"211-Features:\r\n MDTM\r\n 211 no end\r\n211- nor here\r\n211 End\r\n",b"230-Welcome\r\n230-to\r\n230 all\r\n",b"150 ok\r\n"]) for _ in range(20))
ftp=ftplib.FTP(); ftp.file=io.TextIOWrapper(io.BytesIO(stream),encoding="latin-1",newline="\n")
got=[]
try:
    while True: got.append(ftp.getmultiline().replace("\n","\r\n").encode())
except EOFError: pass
save("ftp",stream,got)
# SMTP replies: smtplib reads code and texts.
import smtplib
replies=[b"250-mail.example\r\n250-SIZE 1000\r\n250 HELP\r\n",b"354 go ahead\r\n",b"250-\r\n250 \r\n",b"550 no\r\n"]
stream=b"".join(random.choice(replies) for _ in range(20))
smtp=smtplib.SMTP(); smtp.file=io.BytesIO(stream); got=[]
class Sock:
    def close(self): pass
smtp.sock=Sock()
try:
    while True:
        code,text=smtp.getreply()
        lines=text.split(b"\n")
        got.append(b"\r\n".join(b"%d%s%s"%(code,b" " if i==len(lines)-1 else b"-",l) for i,l in enumerate(lines)))
except smtplib.SMTPServerDisconnected: pass
save("smtp",stream,[g for g in got])
# Chunked bodies: http.client reads them.
import http.client
bodies=b"";got=[]
for n in range(8):
    b=b"".join(b"%x%s\r\n%s\r\n"%(len(c),random.choice([b"",b";x=y"]),c) for c in [random.randbytes(random.choice([1,15,16,200])) for _ in range(random.randrange(0,5))])
    b+=random.choice([b"0\r\n\r\n",b"000\r\nDigest: x\r\n\r\n"])
    bodies+=b
    class S:
        def makefile(self,*a,**k): return io.BytesIO(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+b)
    r=http.client.HTTPResponse(S()); r.begin(); got.append(r.read())
save("http-chunked",bodies,got)
# TLS 1.2 with small records, up to ChangeCipherSpec; types and lengths as tshark shows them.
import subprocess,tempfile
d=tempfile.mkdtemp()
subprocess.run(["openssl","req","-x509","-newkey","rsa:4096","-nodes","-keyout",d+"/k","-out",d+"/c","-days","1","-subj","/CN="+"x"*60],check=True,capture_output=True)
srv=subprocess.Popen(["openssl","s_server","-accept","44331","-cert",d+"/c","-key",d+"/k","-tls1_2","-max_send_frag","512","-quiet"],stdin=subprocess.PIPE,stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL)
time.sleep(1)
ls2=socket.socket(); ls2.bind(("127.0.0.1",0)); ls2.listen(1); tls=bytearray()
def pump2(a,b,keep):
    try:
        while (x:=a.recv(65536)):
            if keep: tls.extend(x)
            b.sendall(x)
    except OSError: pass
def proxy2():
    c,_=ls2.accept(); s=socket.create_connection(("127.0.0.1",44331))
    threading.Thread(target=pump2,args=(c,s,False),daemon=True).start()
    pump2(s,c,True)
threading.Thread(target=proxy2,daemon=True).start()
subprocess.run(["openssl","s_client","-connect","127.0.0.1:%d"%ls2.getsockname()[1],"-tls1_2"],stdin=subprocess.DEVNULL,capture_output=True,timeout=20)
srv.terminate()
# Records up to ChangeCipherSpec.
at=0; plain=b""
while at<len(tls):
    n=5+int.from_bytes(tls[at+3:at+5],"big")
    if tls[at]!=22: break
    plain+=tls[at:at+n]; at+=n
hexdump=d+"/h"
with open(hexdump,"w") as f:
    for i in range(0,len(plain),700):
        seg=plain[i:i+700]
        for j in range(0,len(seg),16): f.write("%06x %s\n"%(j," ".join("%02x"%b for b in seg[j:j+16])))
        f.write("\n")
subprocess.run(["text2pcap","-q","-T","443,40000",hexdump,d+"/p"],check=True,capture_output=True)
o=subprocess.run(["tshark","-r",d+"/p","-2","-Y","tls.handshake.type","-T","fields","-e","tls.handshake.type","-e","tls.handshake.length","-E","occurrence=a"],check=True,capture_output=True,text=True).stdout
shown=[]
for l in o.splitlines():
    t,n=l.split("\t"); shown+=list(zip(map(int,t.split(",")),map(int,n.split(","))))
save("tls",plain,[bytes([t])+n.to_bytes(3,"big") for t,n in shown])
