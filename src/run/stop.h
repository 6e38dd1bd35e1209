/* run/stop.h -- when a run shall end before its last draw: a signal, or a time.
 *
 * A handler notes INT, TERM, HUP, USR1 and USR2 on the rank that gets one and does no more: what a
 * run has is kept in order by the run itself. Every rank tells in a step's message that it noted
 * one (mst_target.noted); rank 0 decides and asks all to stop with the next (run/request.h). Times
 * are rank 0's alone. A second INT ends the process at once. Not collective.
 */
#ifndef MST_RUN_STOP_H
#define MST_RUN_STOP_H

#include <stdbool.h>
#include <stddef.h>

/* Handlers, from here to the end; before, and after, signals do what they do by themselves. */
void mst_stop_begin(void);
void mst_stop_end(void);

/* The number of the signal that this process noted, or was told of; 0: none. */
int mst_stop_noted(void);

/* Some rank noted one: as if it had come here, unless one did. */
void mst_stop_tell(void);

typedef struct mst_stop {
  double limit, begun; /* seconds, on mst_now's clock since `begun`; 0: no limit */
  double slurm_end;    /* on the same clock, when the Slurm job is about to end; 0: not known */
  bool timed;          /* out: the limit was the reason, or the end of the job if `by_slurm` */
  bool by_slurm;
} mst_stop;

/* When the Slurm job that this process is in (SLURM_JOB_END_TIME) will have a tenth of its time
 * left, at most two minutes, on mst_now's clock; 0: no such job. */
double mst_stop_slurm(void);

/* A mst_request_fn; context is a mst_stop. On rank 0. */
int mst_stop_ask(void *stop);

/* Why the run stopped: "Ctrl-C (SIGINT)", "SIGTERM", "--time-limit", "the end of the Slurm job". */
const char *mst_stop_reason(const mst_stop *stop);

#endif
