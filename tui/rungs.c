#include "tui/rungs.h"

#include "base/clean.h"

void
rungs_text(struct buf *out, const struct rung *rungs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct rung *r = &rungs[i];
		bool is_page = r->address[0] == '\0';

		buf_adds(out, "  ");
		clean_append(out, slice_of(is_page ? r->page : r->address), 320);
		buf_adds(out, "\n     ");
		clean_append(out, slice_of(r->why), 320);
		buf_addf(out, "%s%s\n", r->mind[0] != '\0' ? "; mind: it " : "", r->mind);
		if (!is_page && r->page[0] != '\0')
			buf_addf(out, "     its page: %s\n", r->page);
	}
}

void
rungs_json(struct json *j, const struct letter *l)
{
	json_list(j, "contacts");
	for (size_t i = 0; i < l->n_rungs; i++) {
		json_object(j, NULL);
		json_cstr(j, "address", l->rungs[i].address);
		json_cstr(j, "page", l->rungs[i].page);
		json_cstr(j, "why", l->rungs[i].why);
		json_cstr(j, "mind", l->rungs[i].mind);
		json_bool(j, "is_down", l->rungs[i].is_down);
		json_end_object(j);
	}
	json_end_list(j);
}

struct rung *
rungs_copy(struct arena *a, const struct rung *rungs, size_t n)
{
	struct rung *copy = arena_calloc(a, n + 1, sizeof(*copy));

	for (size_t i = 0; i < n; i++) {
		copy[i] = (struct rung){
		    .address = arena_strdup(a, rungs[i].address),
		    .page = arena_strdup(a, rungs[i].page),
		    .why = arena_strdup(a, rungs[i].why),
		    .mind = arena_strdup(a, rungs[i].mind),
		    .is_down = rungs[i].is_down,
		};
	}
	return copy;
}
