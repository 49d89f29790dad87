#include "store/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"

const char *
words_path(char out[WORDS_PATH_BYTES], const char *path)
{
	struct buf b = BUF_INIT;
	size_t skip = 0;

	clean_append(&b, slice_of(path), CLEAN_MAX_BYTES);
	if (b.len >= WORDS_PATH_BYTES) {
		skip = b.len - (WORDS_PATH_BYTES - 4);
		while (skip < b.len && ((unsigned char)b.data[skip] & 0xc0) == 0x80)
			skip++;
	}
	snprintf(out, WORDS_PATH_BYTES, "%s%s", skip > 0 ? "..." : "", buf_cstr(&b) + skip);
	buf_free(&b);
	return out;
}

static const char *
todo_of(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return "make room on that disk, then try again";
	case EACCES:
	case EPERM:
		return "check owner and permissions (ls -ld)";
	case EROFS:
		return "that disk is mounted read-only; choose another folder";
	case ENOENT:
	case ENOTDIR:
		return "check the spelling of the path";
	case EMFILE:
	case ENFILE:
		return "too many open files: close programs or raise the limit (ulimit -n)";
	case EIO:
		return "the disk may be failing: look at the system log";
	default:
		return "";
	}
}

int
words_errno(struct err *e, int number, const char *deed, const char *path)
{
	char shown[WORDS_PATH_BYTES];
	enum err_code code = number == ENOENT || number == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;

	err_set(e, code, "cannot %s %s: %s", deed, words_path(shown, path), strerror(number));
	return err_todo(e, "%s", todo_of(number));
}
