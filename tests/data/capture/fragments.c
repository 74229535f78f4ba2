/* A server and a client on libtirpc, whose records have fragments of at most 100 bytes. */
#include <rpc/rpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { char *bytes; u_int len; } blob;

static bool_t xdr_blob(XDR *xdr, blob *b) { return xdr_bytes(xdr, &b->bytes, &b->len, 1 << 20); }

static void answer(struct svc_req *request, SVCXPRT *transport) {
  blob b = {0, 0};
  (void)request;
  if (!svc_getargs(transport, (xdrproc_t)xdr_blob, (caddr_t)&b)) { svcerr_decode(transport); return; }
  svc_sendreply(transport, (xdrproc_t)xdr_blob, (caddr_t)&b);
}

int main(int argc, char **argv) {
  if (argc == 1) {
    SVCXPRT *transport = svctcp_create(RPC_ANYSOCK, 100, 100);
    if (!transport || !svc_register(transport, 0x20000001, 1, answer, 0)) return 1;
    printf("%d\n", transport->xp_port);
    fflush(stdout);
    svc_run();
    return 1;
  }
  struct sockaddr_in address = {0};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)atoi(argv[1]));
  int socket = RPC_ANYSOCK;
  CLIENT *client = clnttcp_create(&address, 0x20000001, 1, &socket, 100, 100);
  if (!client) { clnt_pcreateerror("create"); return 1; }
  struct timeval patience = {5, 0};
  for (int i = 2; i < argc; i++) {
    blob sent = {calloc(1, (size_t)atoi(argv[i]) + 1), (u_int)atoi(argv[i])}, got = {0, 0};
    for (u_int at = 0; at < sent.len; at++) sent.bytes[at] = (char)(at * 7 + (u_int)i);
    enum clnt_stat status = clnt_call(client, 1, (xdrproc_t)xdr_blob, (caddr_t)&sent, (xdrproc_t)xdr_blob, (caddr_t)&got, patience);
    if (status != RPC_SUCCESS || got.len != sent.len || memcmp(got.bytes, sent.bytes, got.len)) { clnt_perror(client, "call"); return 1; }
  }
  return 0;
}
