/* run/stop.c -- see stop.h. */
#include "run/stop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "run/request.h"

#define ELSEWHERE (-1) /* the signal came to another rank */
#define MARGIN_SHARE 0.1
#define MARGIN_MOST 120.0 /* seconds */

static const int noted_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
enum { SIGNALS = sizeof noted_signals / sizeof *noted_signals };

static volatile sig_atomic_t noted;
static struct sigaction before[SIGNALS];
static bool handling;

static void note(int number) {
  if (noted && number == SIGINT) { /* twice: at once, as if there were no handler */
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  if (!noted) noted = number;
}

void mst_stop_begin(void) {
  struct sigaction ours = {.sa_handler = note, .sa_flags = SA_RESTART};
  if (handling) return;
  sigemptyset(&ours.sa_mask);
  noted = 0;
  for (int i = 0; i < SIGNALS; i++) {
    sigaction(noted_signals[i], NULL, &before[i]);
    /* what a parent had ignored (nohup, a shell's background) stays so */
    if (before[i].sa_handler != SIG_IGN) sigaction(noted_signals[i], &ours, NULL);
  }
  handling = true;
}

void mst_stop_end(void) {
  for (int i = 0; i < SIGNALS && handling; i++) sigaction(noted_signals[i], &before[i], NULL);
  handling = false;
}

int mst_stop_noted(void) { return noted > 0 ? noted : 0; }

void mst_stop_tell(void) {
  if (!noted) noted = ELSEWHERE;
}

double mst_stop_slurm(void) {
  const char *end = getenv("SLURM_JOB_END_TIME"), *start = getenv("SLURM_JOB_START_TIME");
  if (!end || !getenv("SLURM_JOB_ID")) return 0;
  const double now = (double)time(NULL), ends = strtod(end, NULL);
  const double starts = start ? strtod(start, NULL) : now;
  if (!(ends > starts)) return 0;
  const double share = MARGIN_SHARE * (ends - starts);
  return mst_now() + ends - now - (share < MARGIN_MOST ? share : MARGIN_MOST);
}

int mst_stop_ask(void *context) {
  mst_stop *s = context;
  if (noted) return MST_REQUEST_STOP;
  const double now = s->limit > 0 || s->slurm_end != 0 ? mst_now() : 0;
  s->by_slurm = s->slurm_end != 0 && now >= s->slurm_end;
  s->timed = s->by_slurm || (s->limit > 0 && now >= s->begun + s->limit);
  return s->timed ? MST_REQUEST_STOP : MST_REQUEST_NONE;
}

const char *mst_stop_reason(const mst_stop *s) {
  if (s->timed) return s->by_slurm ? "the end of the Slurm job" : "--time-limit";
  switch (noted) {
  case SIGINT:
    return "Ctrl-C (SIGINT)";
  case SIGTERM:
    return "SIGTERM";
  case SIGHUP:
    return "SIGHUP";
  case SIGUSR1:
    return "SIGUSR1";
  case SIGUSR2:
    return "SIGUSR2";
  }
  return "a signal to another rank";
}
