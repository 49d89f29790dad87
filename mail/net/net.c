#include "net/net.h"

#include <openssl/ssl.h>
#include <signal.h>

void
net_init(void)
{
	signal(SIGPIPE, SIG_IGN);
	OPENSSL_init_ssl(0, NULL);
}
