/* A descriptor that is readable from wake_up to wake_drain. A pipe, because
 * every system has it. For queue and cancel. */
#ifndef BASE_WAKE_H
#define BASE_WAKE_H

struct wake {
	int read_fd;
	int write_fd;
};

void wake_open(struct wake *w);     /* ends the program when there are no descriptors left */
void wake_up(const struct wake *w); /* async-signal-safe, never blocks */
void wake_drain(const struct wake *w);
void wake_close(struct wake *w);

#endif
