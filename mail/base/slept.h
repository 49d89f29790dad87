/* Tells a wait that the machine has slept meanwhile. poll() counts only the time that
 * it was awake, so that a wait of two minutes ends two minutes after it woke, and a line
 * that died in its sleep is not found out before. */
#ifndef BASE_SLEPT_H
#define BASE_SLEPT_H

/* A descriptor for one wait, readable when the machine has slept, or its clock was set,
 * since the call; -1 where the system cannot tell. */
int slept_open(void);
void slept_close(int fd);

/* For tests: from now on slept_open gives this one; -1: no more. */
void slept_pretend(int fd);

#endif
