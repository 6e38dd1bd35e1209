/* nuts/pass.h -- one leapfrog step of all chains: instructions in, energies and U-turn products
 * out.
 *
 *   mst_pass_before   the replicated part: global parameters start, flip, drift
 *   mst_pass_thread   the sweep over the rows: for each block the row-local parameters start, flip
 *                     and drift; then gradient, kick, products
 *   (reduction)       one message; then the normals over many rows, if the model has any
 *   mst_pass_after    global parameters: prior, gradient, kick, products; totals complete
 *
 * The leapfrog keeps p half a kick ahead (p' = p + eps g), so a gradient is used where it is
 * computed and never stored for row-local elements; where a draw starts the kernel runs twice on
 * the block, since row-local gradients need no message. A U-turn is detected by (q_b - q_a).p > 0
 * at both ends (Hoffman and Gelman 2014, eq. 4), which needs no sum of momenta and no metric.
 */
#ifndef MST_NUTS_PASS_H
#define MST_NUTS_PASS_H

#include "base/std_normal.h"
#include "nuts/instruction.h"
#include "nuts/metric.h"
#include "nuts/state.h"
#include "target/pass.h"

typedef enum mst_adaptation {
  MST_ADAPT_NONE,
  MST_ADAPT_FISHER,  /* sqrt(Var q / Var g): nutpie's, Seyboldt, Carlson and Carpenter 2025 */
  MST_ADAPT_VARIANCE /* Var q, regularised as in Stan */
} mst_adaptation;

/* What happens to the metric in a step. Estimator numbers are indices into mst_state's [2]. */
typedef struct mst_metric_instruction {
  mst_adaptation adaptation;
  bool pooled;
  bool from_gradient; /* all chains evaluate at a point: set the metric to 1/mean|g| */
  int update;         /* pooled: metric slot to recompute, before anything else; -1: none */
  int source;         /* pooled: from this estimator */
  int clear;          /* pooled: estimator to clear after that; -1: none */
  double samples;     /* draws in the source less one per chain (for the variance) */
  int reference;      /* pooled: estimator whose means become the reference Gaussian's; -1: none */
  int reference_slot; /* and the metric slot of its standard deviations */
} mst_metric_instruction;

typedef struct mst_chain_metric { /* per chain */
  int slot;                       /* pooled: metric slot in use */
  int older;                      /* estimator the metric comes from (both modes) */
  int clear;                      /* no-pool: estimator to clear before learning; -1: none */
  int64_t count[2];               /* draws in each estimator, this one included */
} mst_chain_metric;

typedef enum mst_apply { MST_APPLY_MASS, MST_APPLY_START } mst_apply;

typedef struct mst_pass {
  mst_target *target;
  uint64_t seed;
  double init_radius;
  /* [batches * lanes]: true: the chain starts near its state's start_q, not at random; NULL: none
   * does */
  const bool *has_start;
  double start_jitter; /* standard deviation of a start around start_q, in units of start_sd */
  mst_std_normal_fn *std_normal;
  mst_instruction *instruction; /* [batches * lanes] */
  mst_chain_metric *chain;      /* [batches * lanes] */
  mst_metric_instruction metric_instruction;
  mst_state *global, *local; /* [batches] */
  double *global_extra;      /* [batches][MST_MAX_EXTRAS][lanes] */
  int nextra;                /* extras in this step's message; 0 without row-local parameters */
  /* out, [batches * lanes] */
  double *lp, *k0, *k1;
  double *product; /* [batches * lanes][2 MST_MAX_PAIRS] */
  /* scratch */
  double *eps;             /* [batches][lanes] */
  double **thread_scratch; /* [threads]: 2 lanes-wide vectors of a chunk */
  /* the globals' metric is dense or low rank (metric.h); false: it is diagonal for the whole run */
  bool not_diagonal;
  mst_metric metric[2];            /* slots; pooled */
  double *metric_u, *metric_spare; /* scratch [globals][lanes] */
  double *metric_z, *metric_v;     /* scratch [globals + 32] */
  /* Where dense matrices are distributed over the ranks: y = C x, or p = L'^-1 z, of a slot,
   * [globals][lanes], for 1, 2, 4, 8 or 16 lanes; collective. NULL: every rank has metric[].c
   * and l. metric_pack: then scratch [2][globals][16] */
  void (*apply)(void *context, int slot, mst_apply what, int lanes, const double *x, double *y);
  void *apply_context;
  double *metric_pack;
} mst_pass;

typedef struct mst_pass_hot {
  void (*before)(mst_pass *pass);             /* not collective; one thread */
  void (*thread)(mst_pass *pass, int thread); /* not collective; each thread */
  void (*again)(mst_pass *pass, int thread);  /* the same, where all is already: the sums alone */
  void (*after)(mst_pass *pass);              /* not collective; one thread; after the reduction */
} mst_pass_hot;

const mst_pass_hot *mst_pass_hot_at(mst_isa isa, int lanes);

#endif
