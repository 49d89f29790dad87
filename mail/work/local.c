#include "work/local.h"

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t
hash(uint64_t h, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * FNV_PRIME;
	return h;
}

/* 1 to 2^32 - 2: 0 and "*" are no messages. */
static uint32_t
fold(uint64_t h)
{
	uint32_t uid = (uint32_t)(h ^ h >> 32);

	return uid == 0 || uid == UINT32_MAX ? 1 : uid;
}

static struct slice
last_component(struct slice path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return slice_from(path, at);
}

uint32_t
local_uid_of_file(struct slice root, struct slice path)
{
	struct slice name = last_component(path);
	struct slice folder = slice_sub(path, 0, path.n - name.n);
	size_t colon;

	if (folder.n >= root.n && slice_eq(slice_sub(folder, 0, root.n), root))
		folder = slice_from(folder, root.n);
	while (folder.n > 0 && folder.p[folder.n - 1] == '/')
		folder.n--;
	if (slice_is(last_component(folder), "new") || slice_is(last_component(folder), "cur")) {
		folder.n -= 3;
		colon = slice_find(name, ":2,");
		if (colon != SLICE_NONE)
			name = slice_sub(name, 0, colon);
	}
	while (folder.n > 0 && folder.p[folder.n - 1] == '/')
		folder.n--;
	while (folder.n > 0 && folder.p[0] == '/')
		folder = slice_from(folder, 1);
	return fold(hash(hash(hash(FNV_START, folder), SLICE_LIT("/")), name));
}

uint32_t
local_uid_of_bytes(struct slice bytes)
{
	return fold(hash(FNV_START, bytes));
}
