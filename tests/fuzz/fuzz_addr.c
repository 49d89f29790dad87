#include "fuzz.h"
#include "msg/addr.h"

static void
check_address(struct arena *a, struct slice address)
{
	MUST(addr_local(address).n + addr_domain(address).n <= address.n);
	MUST(addr_redact(a, address).n >= 3);
	if (!addr_is_wire_safe(address))
		return;
	MUST(address.n <= ADDR_MAX_BYTES && addr_domain(address).n > 0);
	for (size_t i = 0; i < address.n; i++)
		MUST((unsigned char)address.p[i] >= 32 && address.p[i] != 127 &&
		    address.p[i] != '<' && address.p[i] != '>');
	/* What may go on the wire reads back as itself. */
	MUST(addr_same(addr_read(a, address), address) || address.p[0] == '\'' ||
	    slice_chr(address, '"') != SLICE_NONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = input_of(data, size);
	struct slice rest = text;
	struct arena *a = arena_new();
	struct buf encoded = BUF_INIT;
	struct slice address;
	struct slice name;
	size_t n = 0;

	check_address(a, text);
	check_address(a, addr_read(a, text));
	for (; addr_next(a, &rest, &address, &name); n++) {
		MUST(address.n > 0 && addr_domain(address).n > 0);
		MUST(name.n == 0 || is_inside(text, name));
		MUST(is_inside(text, rest));
		check_address(a, address);
	}
	MUST(n <= size && rest.n == 0);
	MUST(addr_list_odd(a, text) + n <= size);
	for (rest = text; addr_find(&rest, &address);) {
		MUST(is_inside(text, address) && address.n <= ADDR_MAX_BYTES);
		MUST(rest.p >= address.p + address.n);
	}
	MUST(rest.n == 0);
	addr_xtext_encode(&encoded, text);
	for (size_t i = 0; i < encoded.len; i++)
		MUST(encoded.data[i] > 32 && encoded.data[i] < 127 && encoded.data[i] != '=');
	MUST(addr_xtext_decode(a, text).n <= text.n);
	MUST(is_frugal(a, size, 200));
	buf_free(&encoded);
	arena_free(&a);
	return 0;
}
