/* tests/laws/desync.c -- a run in which one rank goes astray; see test_desync.sh.
 *
 * desync WHAT [spread]: after some steps the last rank's copy of what all ranks should have
 * alike is damaged; spread: under a metric that is spread over the ranks, whose products are
 * messages, too. Exit status 0 only when nobody noticed in another 200 steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drive.h"
#include "run/metric_update.h"

static void damage(drive *d, const char *what) {
  mst_tree *t = &d->engine.tree[1];
  uint64_t bits;
  double *q = d->engine.pass.global[0].q;
  if (!strcmp(what, "position")) {
    memcpy(&bits, q, sizeof bits);
    bits ^= 1; /* the last bit */
    memcpy(q, &bits, sizeof bits);
  } else if (!strcmp(what, "step_size")) {
    t->eps *= 1 + 0x1p-52;
  } else if (!strcmp(what, "direction")) {
    t->direction = -t->direction;
  } else if (!strcmp(what, "depth")) {
    mst_tree_go(t); /* begins another draw */
  } else if (!strcmp(what, "metric")) {
    d->engine.pass.global[0].minv[0][0] *= 1.5;
    d->engine.pass.global[0].minv[1][0] *= 1.5;
  } else if (!strcmp(what, "uniforms")) {
    t->seed++; /* directions and choices from here on */
  } else if (strcmp(what, "nothing")) {
    fail_msg("unknown: %s", what);
  }
}

static double covariance(int i, int j, void *context) {
  (void)context;
  return i == j ? 0.01 : 0.004;
}

int main(int argc, char **argv) {
  mst_comm comm;
  mst_error err = {0};
  fixture g;
  drive d;
  const drive_options o = {3, 0, 10, 100, MST_ADAPT_FISHER, true, 3};
  const int64_t size[] = {900, 2, 1};
  bool done = false;
  mst_metric_update metric_update = {0};
  if (argc < 2 || mst_comm_begin(&comm, &err)) return 2;
  fixture_make(&g, &comm, "ppca", size, 21, NULL, NULL);
  drive_begin(&d, &comm, &g, &o);
  if (argc > 2) { /* given once; what warm-up orders is not carried out */
    mst_metric_update_begin_dist(&metric_update, &d.engine, 0, &err);
    must(&err);
    mst_metric_update_from_elements(&metric_update, covariance, NULL, "test", &err);
    must(&err);
  }
  for (int i = 0; i < 350; i++) {
    drive_step(&d);
    const mst_tree *t = &d.engine.tree[1];
    if (i >= 149 && !done && !t->fresh && t->depth >= 2) {
      if (comm.rank == comm.size - 1) damage(&d, argv[1]);
      done = true;
    }
  }
  mst_metric_update_end(&metric_update);
  drive_end(&d);
  fixture_free(&g);
  mst_comm_end(&comm);
  return 0;
}
