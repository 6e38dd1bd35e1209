/* nuts/draw_stats.h -- the statistics of one draw: the tree fills them, a draws file stores
 * them. */
#ifndef MST_NUTS_DRAW_STATS_H
#define MST_NUTS_DRAW_STATS_H

/* Names are ArviZ's (group sample_stats); energies and log densities in nats. The second and third
 * line are of approximations and modes (store/drawfile.h: mst_draws_kind); a tree leaves them 0. */
typedef struct mst_draw_stats {
  double lp, acceptance_rate, step_size, energy, energy_error, max_energy_error;
  double lp_approx, log_weight, log_weight_globals;
  int tree_depth, n_steps, iterations, evaluations, path;
  int diverging, reached_max_treedepth, converged; /* booleans */
} mst_draw_stats;

#endif
