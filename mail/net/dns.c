#include "net/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <idn2.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/wake.h"
#include "net/dial.h"

/* Shared with the helper thread; whoever leaves last frees it. */
struct question {
	char *name;
	char *nameserver;
	unsigned port;
	int type;
	struct wake done;
	atomic_int n_users;
	bool has_failed;
	struct dns_answer answer;
};

static void
leave(struct question *q)
{
	if (atomic_fetch_sub(&q->n_users, 1) != 1)
		return;
	wake_close(&q->done);
	free(q->name);
	free(q->nameserver);
	free(q);
}

static void
use_nameserver(struct __res_state *state, const struct question *q)
{
	if (q->nameserver[0] == '\0')
		return;
	state->nscount = 1;
	state->nsaddr_list[0].sin_family = AF_INET;
	state->nsaddr_list[0].sin_port = htons((uint16_t)(q->port == 0 ? 53 : q->port));
	inet_pton(AF_INET, q->nameserver, &state->nsaddr_list[0].sin_addr);
}

/* Raw: what a negative answer brings along is of use too. */
static bool
ask(struct question *q, struct __res_state *state)
{
	unsigned char packet[NS_PACKETSZ];
	int n = res_nmkquery(
	    state, ns_o_query, q->name, ns_c_in, q->type, NULL, 0, NULL, packet, sizeof(packet));
	ns_msg msg;

	if (n > 0)
		n = res_nsend(state, packet, n, q->answer.bytes, sizeof(q->answer.bytes));
	if (n <= 0)
		return false;
	q->answer.n = n < DNS_ANSWER_BYTES ? (size_t)n : DNS_ANSWER_BYTES;
	if (ns_initparse(q->answer.bytes, (int)q->answer.n, &msg) != 0)
		return false;
	q->answer.is_no_name = ns_msg_getflag(msg, ns_f_rcode) == ns_r_nxdomain;
	return q->answer.is_no_name || ns_msg_getflag(msg, ns_f_rcode) == ns_r_noerror;
}

static void *
run(void *ctx)
{
	struct question *q = ctx;
	struct __res_state state;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) != 0) {
		q->has_failed = true;
	} else {
		use_nameserver(&state, q);
		state.retrans = 2;
		state.retry = 2;
		q->has_failed = !ask(q, &state);
		res_nclose(&state);
	}
	wake_up(&q->done);
	leave(q);
	return NULL;
}

int
dns_ask(const char *name, int type, const struct probe_options *o, struct dns_answer *answer,
    struct err *e)
{
	struct question *q = xcalloc(1, sizeof(*q));
	int r;

	q->name = xstrdup(name);
	q->nameserver = xstrdup(o->nameserver);
	q->port = o->dns_port;
	q->type = type;
	atomic_init(&q->n_users, 2);
	wake_open(&q->done);
	r = beside_start(run, q, q->name, e);
	if (r != 0)
		atomic_store(&q->n_users, 1);
	else
		r = beside_wait(q->done.read_fd, PROBE_TIMEOUT_S, o->net, q->name, e);
	if (r == 0 && q->has_failed) {
		r = err_set(e, ERR_DNS, "no name server answered for %s", q->name);
		err_todo(e, "theirs may be down, or this machine's: try another domain");
	}
	if (r == 0)
		*answer = q->answer;
	leave(q);
	return r;
}

bool
dns_is_name(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 253)
		return false;
	for (; *s != '\0'; s++) {
		if (!ascii_isalpha(*s) && !ascii_isdigit(*s) && *s != '-' && *s != '.' && *s != '_')
			return false;
	}
	return true;
}

char *
dns_name(struct slice domain, struct err *e)
{
	char *name = xslicedup(domain);
	char *ascii = NULL;
	int r;

	if (dns_is_name(name))
		return name;
	/* As browsers and RFC 6531 mailers do: mapped, and not transitional. */
	r = slice_chr(domain, '\0') != SLICE_NONE
	    ? IDN2_DISALLOWED
	    : idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	free(name);
	if (r == IDN2_OK && ascii != NULL && dns_is_name(ascii)) {
		name = xstrdup(ascii);
		idn2_free(ascii);
		return name;
	}
	idn2_free(ascii);
	err_set(e, ERR_DNS, "this is no domain that can be looked up%s%s", r == IDN2_OK ? "" : ": ",
	    r == IDN2_OK ? "" : idn2_strerror(r));
	return NULL;
}
