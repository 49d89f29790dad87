#include "fuzz.h"
#include "msg/date.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = input_of(data, size);
	char shown[DATE_TEXT_BYTES];
	int64_t t = -1;
	int64_t again;
	int zone = -1;
	int zone_again;

	if (!date_read(text, &t, &zone)) {
		MUST(t == 0 && zone == 0);
		return 0;
	}
	MUST(t > 0 && t <= INT64_C(253402300799));
	MUST(date_read(slice_of(date_rfc3339(shown, t)), &again, NULL) && again == t);
	/* The local year may lie outside of what can be written. */
	if (zone > -1440 && zone < 1440 && t > 86400 && t < INT64_C(253402214400)) {
		MUST(date_read(slice_of(date_rfc5322(shown, t, zone)), &again, &zone_again));
		MUST(again == t && zone_again == zone);
	}
	return 0;
}
