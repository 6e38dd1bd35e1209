/* optim/path.h -- an ascent that evaluates a Gaussian approximation at every step: Pathfinder's
 * state machine for one path.
 *
 *           step taken          products of the pairs      elbo_draws draws
 *   +--------+ -----------> +-----+ -----------------> +------+ evaluated, ELBO
 *   | ASCENT |              | FIT |                    | LOOK |-----------------+
 *   +--------+ <----------- +-----+ (no Gaussian)      +------+                 |
 *     | ^ ^                                                                     |
 *     | | +---------------------------------------------------------------------+
 *     | done: the best Gaussian's vectors are restored
 *     v
 *   +------+ products +--------+ draws made +------+ chosen draws are requested +--------+
 *   | BACK |--------->| SAMPLE |----------->| WAIT |--------------------------->| REPEAT |---> WAIT
 *   +------+          +--------+            +------+                            +--------+
 *
 * Zhang, Carpenter, Gelman and Vehtari 2022, "Pathfinder: parallel quasi-Newton variational
 * inference", JMLR 23. Every draw is one evaluation; the products that the next draw needs ride
 * in its message. Random numbers are addressed by path and draw, so a draw can be made again.
 * All ranks run this on the same numbers. Not collective.
 */
#ifndef MST_OPTIM_PATH_H
#define MST_OPTIM_PATH_H

#include "optim/ascent.h"

typedef struct mst_path_options {
  int elbo_draws; /* at every step of the path */
  int64_t draws;  /* from the best Gaussian, for the weights */
  /* steps without a better ELBO after which a path ends; 0: it goes on to the mode */
  int patience;
  double elements; /* of all parameters */
} mst_path_options;

typedef enum mst_path_state {
  MST_PATH_ASCENT,
  MST_PATH_FIT,
  MST_PATH_LOOK,
  MST_PATH_BACK,
  MST_PATH_SAMPLE,
  MST_PATH_WAIT,
  MST_PATH_REPEAT,
  MST_PATH_FAILED /* no Gaussian along the path had a finite ELBO */
} mst_path_state;

typedef struct mst_path {
  const mst_path_options *options;
  mst_ascent *ascent;
  mst_path_state state;
  mst_approx approx;
  mst_approx_draw parts; /* of the draw to be evaluated next */
  double log_q;          /* and its log density by the Gaussian */
  mst_history best_history;
  double elbo, best_elbo;
  int best_iteration;
  double hold; /* step of the line search that waits */
  bool stepped, resume, keep;
  int64_t made;            /* draws of this phase */
  double *lp, *log_approx; /* [draws] out */
  const int64_t *again;    /* REPEAT: numbers of the draws, [count] */
  int64_t count;
  bool ready; /* the first of them has its parts */
  int64_t evaluations;
} mst_path;

/* lp, log_approx: the caller's memory, [options->draws]. */
void mst_path_begin(mst_path *p, const mst_path_options *options, mst_ascent *ascent, double *lp,
                    double *log_approx);

/* From WAIT: makes draws again[0 .. count-1] once more, one after the other. */
void mst_path_repeat(mst_path *p, const int64_t *again, int64_t count);

void mst_path_plan(mst_path *p, mst_ascent_instruction *instruction);

/* True when a draw of REPEAT has been evaluated: number again[made - 1], at the point that was
 * evaluated. */
bool mst_path_digest(mst_path *p, double lp, const double *dot, const double *approx_dot);

static inline bool mst_path_rests(const mst_path *p) {
  return p->state == MST_PATH_WAIT || p->state == MST_PATH_FAILED;
}

#endif
