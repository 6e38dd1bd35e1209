/* tests/mpi/write_draws.c -- writes a draws file whose numbers are known (draws_model.h), for the
 * tests that open it from Python.
 *
 *     write_draws PATH all|moments|none N CHAINS DRAWS PUT FLUSHED
 *
 * Puts the first PUT draws of each chain, with a flush after FLUSHED of them; if PUT < DRAWS all
 * ranks are killed then, as by kill -9, and nothing is closed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draws_model.h"
#include "par/comm.h"

static mst_comm comm;
static mst_error err;

static void check(masting_status status) {
  if (status) mst_abort_all(&comm, &err);
}

static mst_latents latents_of(const char *text) {
  return !strcmp(text, "moments") ? MST_LATENTS_MOMENTS
         : !strcmp(text, "none")  ? MST_LATENTS_NONE
                                  : MST_LATENTS_ALL;
}

static void put(mst_drawfile *f, const mst_layout *l, const mst_shard *shard, int chain, int draw,
                double *theta, double *local) {
  mst_draw_stats stats = draws_stats(chain, draw);
  draws_theta(l, 0, chain, draw, theta);
  if (comm.rank == 0) check(mst_drawfile_put(f, MST_PHASE_DRAWS, chain, draw, theta, &stats, &err));
  if (mst_drawfile_latents(f) != MST_LATENTS_ALL) return;
  draws_local(l, shard, 0, chain, draw, local);
  check(mst_drawfile_put_local(f, MST_PHASE_DRAWS, chain, draw, local, NULL, &err));
}

static void put_moments(mst_drawfile *f, const mst_layout *l, const mst_shard *shard, int chain,
                        double *mean, double *sd) {
  draws_local(l, shard, 0, chain, -1, mean);
  draws_local(l, shard, 0, chain, -2, sd);
  check(mst_drawfile_put_moments(f, chain, mean, sd, &err));
}

int main(int argc, char **argv) {
  static const mst_attribute opening[] = {{"model", "draws", 0}, {"seed", NULL, 7}};
  static const mst_attribute closing[] = {{"sampling_time", NULL, 1.5}};
  if (argc != 8) return 2;
  const int64_t size[] = {atoll(argv[3]), 3, 2};
  const int chains = atoi(argv[4]), draws = atoi(argv[5]), puts = atoi(argv[6]);
  const masting_model model = draws_model(1);
  mst_layout layout;
  mst_drawfile *f;
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  check(mst_layout_make(&layout, &model, size, &err));
  mst_shard shard = mst_shard_make(size[0], comm.rank, comm.size);
  const mst_drawfile_spec spec = {.path = argv[1],
                                  .layout = &layout,
                                  .shard = &shard,
                                  .chains = chains,
                                  .draws = draws,
                                  .latents = latents_of(argv[2]),
                                  .data_path = "data.h5",
                                  .attributes = opening,
                                  .nattributes = 2};
  size_t locals = (size_t)(shard.rows * layout.locals + 1);
  double *theta = calloc((size_t)(layout.globals + layout.derived), sizeof(double));
  double *a = calloc(locals, sizeof(double)), *b = calloc(locals, sizeof(double));
  if (!theta || !a || !b) check(mst_fail(&err, MASTING_ERR_MEMORY, "write_draws: no memory"));
  check(mst_drawfile_create(&f, &comm, &spec, &err));
  for (int d = 0; d < puts; d++) {
    if (d == atoi(argv[7])) check(mst_drawfile_flush(f, &err));
    for (int c = 0; c < chains; c++) put(f, &layout, &shard, c, d, theta, a);
  }
  MPI_Barrier(comm.mpi);
  if (puts < draws) raise(SIGKILL);
  for (int c = 0; c < chains && spec.latents == MST_LATENTS_MOMENTS; c++)
    put_moments(f, &layout, &shard, c, a, b);
  check(mst_drawfile_finish(&f, closing, 1, &err));
  free(theta);
  free(a);
  free(b);
  mst_comm_end(&comm);
  return 0;
}
