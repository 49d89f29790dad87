#include "fuzz.h"
#include "msg/coding.h"
#include "msg/mime.h"

static void
check_part(const struct mime *m, size_t i, struct slice message)
{
	const struct mime_part *p = &m->parts[i];

	MUST(is_inside(message, p->body));
	MUST(p->header.n == 0 || is_inside(message, p->header));
	MUST(p->type.p != NULL && p->charset.p != NULL && p->report_type.p != NULL &&
	    p->description.p != NULL);
	MUST(p->depth <= MIME_MAX_DEPTH);
	MUST(i == 0 ? p->parent == -1 : p->parent >= 0 && p->parent < (int)i);
	MUST(i == 0 || p->depth == m->parts[p->parent].depth + 1);
	MUST(i == 0 || is_inside(m->parts[p->parent].body, p->body));
	MUST(i == 0 || m->parts[p->parent].kind == MIME_MULTIPART);
	MUST(p->kind != MIME_MULTIPART || (i + 1 < m->n_parts && m->parts[i + 1].parent == (int)i));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = input_of(data, size);
	struct arena *a = arena_new();
	struct mime m;
	struct mime again;

	mime_read(a, message, &m);
	MUST(m.n_parts >= 1 && m.n_parts <= MIME_MAX_PARTS);
	MUST(is_frugal(a, size, 8));
	for (size_t i = 0; i < m.n_parts; i++)
		check_part(&m, i, message);
	mime_read(a, message, &again);
	MUST(again.n_parts == m.n_parts && again.is_cut == m.is_cut);
	arena_reset(a);
	/* Bodies of levels overlap, of siblings do not: so the leaves are linear together. */
	mime_read(a, message, &m);
	for (size_t i = 0; i < m.n_parts; i++) {
		if (m.parts[i].kind != MIME_MULTIPART)
			MUST(coding_is_utf8(mime_text(a, &m.parts[i])));
	}
	MUST(is_frugal(a, size, 40));
	arena_free(&a);
	return 0;
}
