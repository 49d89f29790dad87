/* What the parts of the explanation share. Private to the room. */
#ifndef BOUNCE_EXPLAIN_INT_H
#define BOUNCE_EXPLAIN_INT_H

#include "bounce/explain.h"

/* What is explained, looked up. */
struct subject {
	const struct explain_input *in;
	const struct recipient *rcpt;
	struct status status;
	bool has_status;
	const struct code_info *code;       /* NULL if there is no code */
	const struct reading_info *reading; /* NULL if the registry's meaning holds */
	const struct diagnostic_info *row;  /* of the first cause; NULL if it was a code */
	enum cause cause;
	const struct cause_info *info;
};

/* Badge, permanent, wait and suggest_at: what depends on who tries. */
void explain_state(struct arena *a, const struct subject *s, struct explanation *x);
/* `steps` as in struct code_info; "" takes the cause's. */
void explain_steps(
    struct arena *a, const struct subject *s, const char *steps, struct explanation *x);

#endif
