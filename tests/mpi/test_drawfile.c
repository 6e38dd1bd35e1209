/* tests/mpi/test_drawfile.c -- every number of a draws file stands where it belongs, for any number
 * of ranks; unfinished draws are NaN; what fails is told and leaves nothing at the final path. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "draws_model.h"
#include "par/comm.h"

enum { CHAINS = 3, DRAWS = 70, WARMUP = 4 };

static mst_comm comm;
static char folder[64], path[128];

typedef struct job {
  masting_model model;
  mst_layout layout;
  mst_shard shard;
  mst_drawfile_spec spec;
  double *theta, *local;
} job;

static void job_make(job *j, int64_t n, int with_u, mst_latents latents) {
  static const mst_attribute attributes[] = {{"seed", NULL, 7}, {"model", "draws \xc3\xa9", 0}};
  mst_error err = {0};
  memset(j, 0, sizeof *j);
  j->model = draws_model(with_u);
  const int64_t size[] = {n, 3, 2};
  assert_int_equal(mst_layout_make(&j->layout, &j->model, size, &err), MASTING_OK);
  j->shard = mst_shard_make(n, comm.rank, comm.size);
  j->spec = (mst_drawfile_spec){.path = path,
                                .layout = &j->layout,
                                .shard = &j->shard,
                                .chains = CHAINS,
                                .draws = DRAWS,
                                .warmup = WARMUP,
                                .latents = latents,
                                .data_path = "data.h5",
                                .attributes = attributes,
                                .nattributes = 2};
  j->theta = calloc((size_t)(j->layout.globals + j->layout.derived), sizeof(double));
  j->local = calloc((size_t)(j->shard.rows * j->layout.locals + 1), sizeof(double));
  assert_true(j->theta && j->local);
}

static void job_free(job *j) {
  free(j->theta);
  free(j->local);
}

/* Puts draws 0 .. count-1 of a phase, chains out of step as a real run's are. */
static void put(job *j, mst_drawfile *f, mst_phase phase, int count) {
  mst_error err = {0};
  for (int t = 0; t < count + CHAINS; t++)
    for (int c = 0; c < CHAINS; c++) {
      int draw = t - c;
      if (draw < 0 || draw >= count) continue;
      mst_draw_stats stats = draws_stats(c, draw);
      draws_theta(&j->layout, (int)phase, c, draw, j->theta);
      if (comm.rank == 0) mst_drawfile_put(f, phase, c, draw, j->theta, &stats, &err);
      draws_local(&j->layout, &j->shard, (int)phase, c, draw, j->local);
      if (mst_drawfile_latents(f) == MST_LATENTS_ALL)
        mst_drawfile_put_local(f, phase, c, draw, j->local, NULL, &err);
      if (err.status) fail_msg("%s", err.message);
    }
}

static double *read_all(hid_t file, const char *name, int64_t *count) {
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
  if (set < 0) fail_msg("no dataset %s", name);
  hid_t space = H5Dget_space(set);
  *count = H5Sget_simple_extent_npoints(space);
  double *x = calloc((size_t)*count + 1, sizeof *x);
  assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  H5Sclose(space);
  H5Dclose(set);
  return x;
}

/* Draws from `there` on must be NaN. */
static void check_param(hid_t file, const char *group, const mst_layout *l, int p, int phase,
                        int draws, int there) {
  char name[64];
  int64_t count, each = l->param[p].elements * (l->param[p].local ? l->n : 1);
  snprintf(name, sizeof name, "%s/%s", group, mst_layout_output(l, p)->name);
  double *x = read_all(file, name, &count);
  assert_int_equal(count, CHAINS * draws * each);
  for (int64_t i = 0; i < count; i++) {
    int chain = (int)(i / each / draws), draw = (int)(i / each % draws);
    double want = draw < there ? draws_cell(p, phase, chain, draw, i % each) : NAN;
    if (x[i] != want && !(isnan(x[i]) && isnan(want)))
      fail_msg("%s: element %lld of chain %d draw %d: %.17g, not %.17g", name,
               (long long)(i % each), chain, draw, x[i], want);
  }
  free(x);
}

static void check_stats(hid_t file, const char *group, int draws, int there) {
  static const char *const names[] = {
      "lp",           "acceptance_rate",      "step_size",  "energy",
      "energy_error", "max_energy_error",     "tree_depth", "n_steps",
      "diverging",    "reached_max_treedepth"};
  for (int s = 0; s < 10; s++) {
    char name[64];
    int64_t count;
    snprintf(name, sizeof name, "%s/%s", group, names[s]);
    double *x = read_all(file, name, &count);
    assert_int_equal(count, CHAINS * draws);
    for (int i = 0; i < count; i++) {
      mst_draw_stats d = draws_stats(i / draws, i % draws);
      const double want[] = {d.lp,           d.acceptance_rate,      d.step_size,  d.energy,
                             d.energy_error, d.max_energy_error,     d.tree_depth, d.n_steps,
                             d.diverging,    d.reached_max_treedepth};
      const double missing = s < 6 ? NAN : s < 8 ? -1 : 0;
      double expected = i % draws < there ? want[s] : missing;
      if (x[i] != expected && !(isnan(x[i]) && isnan(expected)))
        fail_msg("%s[%d] is %g, not %g", name, i, x[i], expected);
    }
    free(x);
  }
}

static void check_counting(hid_t file, const char *name, int64_t size) {
  int64_t count;
  double *x = read_all(file, name, &count);
  assert_int_equal(count, size);
  for (int64_t i = 0; i < count; i++)
    if (x[i] != (double)i) fail_msg("%s[%lld] is %g", name, (long long)i, x[i]);
  free(x);
}

static void check_moments(hid_t file, const mst_layout *l) {
  for (int p = DRAWS_Z; p < l->model->nparams; p++)
    for (int sd = 0; sd < 2; sd++) {
      char name[64];
      int64_t count, each = l->param[p].elements * l->n;
      snprintf(name, sizeof name, "latent_moments/%s_%s", l->model->params[p].name,
               sd ? "sd" : "mean");
      double *x = read_all(file, name, &count);
      assert_int_equal(count, CHAINS * each);
      for (int64_t i = 0; i < count; i++)
        if (x[i] != draws_cell(p, 0, (int)(i / each), -1 - sd, i % each))
          fail_msg("%s[%lld] is %.17g", name, (long long)i, x[i]);
      free(x);
    }
}

/* Rank 0 looks at a whole file. */
static void check_file(const char *name, const job *j, int there, int warmup_there) {
  const mst_layout *l = &j->layout;
  hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  for (int p = 0; p < l->outputs; p++) {
    if (l->param[p].local && j->spec.latents != MST_LATENTS_ALL) {
      char gone[64];
      snprintf(gone, sizeof gone, "posterior/%s", l->model->params[p].name);
      assert_int_equal(H5Lexists(file, gone, H5P_DEFAULT), 0);
      continue;
    }
    check_param(file, "posterior", l, p, 0, DRAWS, there);
    check_param(file, "warmup_posterior", l, p, 1, WARMUP, warmup_there);
  }
  check_stats(file, "sample_stats", DRAWS, there);
  check_stats(file, "warmup_sample_stats", WARMUP, warmup_there);
  check_counting(file, "posterior/chain", CHAINS);
  check_counting(file, "posterior/draw", DRAWS);
  check_counting(file, "sample_stats/draw", DRAWS);
  check_counting(file, "posterior/D", 3);
  check_counting(file, "posterior/S_dim_1", 3);
  if (j->spec.latents == MST_LATENTS_ALL) check_counting(file, "posterior/N", l->n);
  if (j->spec.latents == MST_LATENTS_MOMENTS) {
    check_counting(file, "latent_moments/N", l->n);
    check_moments(file, l);
  }
  int64_t one;
  double *n = read_all(file, "constant_data/N", &one);
  assert_int_equal((int64_t)n[0], l->n);
  free(n);
  H5Fclose(file);
}

static void begin(job *j, mst_drawfile **f) {
  mst_error err = {0};
  if (comm.rank == 0) unlink(path);
  MPI_Barrier(comm.mpi);
  if (mst_drawfile_create(f, &comm, &j->spec, &err)) fail_msg("%s", err.message);
}

static void whole_run(int64_t n, int with_u, mst_latents latents) {
  static const mst_attribute closing[] = {{"sampling_time", NULL, 1.5}, {"host_names", "a b", 0}};
  job j;
  mst_drawfile *f;
  mst_error err = {0};
  job_make(&j, n, with_u, latents);
  begin(&j, &f);
  assert_int_equal(mst_drawfile_latents(f), latents);
  put(&j, f, MST_PHASE_WARMUP, WARMUP);
  put(&j, f, MST_PHASE_DRAWS, DRAWS);
  for (int c = 0; c < CHAINS && latents == MST_LATENTS_MOMENTS; c++) {
    double *sd = calloc((size_t)(j.shard.rows * j.layout.locals + 1), sizeof(double));
    draws_local(&j.layout, &j.shard, 0, c, -1, j.local);
    draws_local(&j.layout, &j.shard, 0, c, -2, sd);
    assert_int_equal(mst_drawfile_put_moments(f, c, j.local, sd, &err), MASTING_OK);
    free(sd);
  }
  if (mst_drawfile_finish(&f, closing, 2, &err)) fail_msg("%s", err.message);
  assert_null(f);
  if (comm.rank == 0) {
    check_file(path, &j, DRAWS, WARMUP);
    char beside[160];
    snprintf(beside, sizeof beside, "%s.partial", path);
    assert_int_not_equal(access(beside, F_OK), 0);
    snprintf(beside, sizeof beside, "%s.lock", path);
    assert_int_not_equal(access(beside, F_OK), 0);
  }
  MPI_Barrier(comm.mpi);
  job_free(&j);
}

static void test_all(void **state) {
  (void)state;
  whole_run(1000, 0, MST_LATENTS_ALL);
}
static void test_all_scattered(void **state) {
  (void)state;
  whole_run(701, 1, MST_LATENTS_ALL);
}
static void test_fewer_rows_than_ranks(void **state) {
  (void)state;
  whole_run(1, 1, MST_LATENTS_ALL);
}
static void test_moments(void **state) {
  (void)state;
  whole_run(601, 1, MST_LATENTS_MOMENTS);
}
static void test_none(void **state) {
  (void)state;
  whole_run(300, 1, MST_LATENTS_NONE);
}

/* Small ones are all stored, large ones by moments: the border is 1 GiB. */
static void test_auto(void **state) {
  (void)state;
  job j;
  mst_drawfile *f;
  job_make(&j, 100, 0, MST_LATENTS_AUTO);
  begin(&j, &f);
  assert_int_equal(mst_drawfile_latents(f), MST_LATENTS_ALL);
  mst_drawfile_abandon(&f, 0);
  job_free(&j);
  MPI_Barrier(comm.mpi);
  /* 16 bytes a row and draw, 222 draws: more than 1 GiB from 302,291 rows on. */
  job_make(&j, 302300, 0, MST_LATENTS_AUTO);
  begin(&j, &f);
  assert_int_equal(mst_drawfile_latents(f), MST_LATENTS_MOMENTS);
  mst_drawfile_abandon(&f, 0);
  job_free(&j);
  MPI_Barrier(comm.mpi);
}

/* What was put and flushed can be read from the file of a run that stops. */
static void test_unfinished(void **state) {
  (void)state;
  job j;
  mst_drawfile *f;
  mst_error err = {0};
  char partial[160];
  snprintf(partial, sizeof partial, "%s.partial", path);
  job_make(&j, 500, 1, MST_LATENTS_ALL);
  begin(&j, &f);
  put(&j, f, MST_PHASE_WARMUP, 2);
  put(&j, f, MST_PHASE_DRAWS, 66); /* more than a buffer */
  assert_int_equal(mst_drawfile_flush(f, &err), MASTING_OK);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) check_file(partial, &j, 66, 2);
  MPI_Barrier(comm.mpi);
  mst_drawfile_abandon(&f, 1);
  MPI_Barrier(comm.mpi);
  assert_int_equal(access(partial, F_OK), 0);
  assert_int_not_equal(access(path, F_OK), 0);

  /* It is the user's work: not dropped without force, dropped with it. */
  assert_int_equal(mst_drawfile_create(&f, &comm, &j.spec, &err), MASTING_ERR_EXISTS);
  assert_null(f);
  assert_non_null(strstr(err.message, "draws of a run that did not finish"));
  assert_int_equal(access(partial, F_OK), 0);
  j.spec.force = 1;
  err = (mst_error){0};
  if (mst_drawfile_create(&f, &comm, &j.spec, &err)) fail_msg("%s", err.message);
  mst_drawfile_abandon(&f, 0);
  MPI_Barrier(comm.mpi);
  assert_int_not_equal(access(partial, F_OK), 0);
  job_free(&j);
  MPI_Barrier(comm.mpi);
}

static void write_text(const char *name, const char *text) {
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

/* Refusals, with the same whole message on every rank. */
static void refused(job *j, masting_status status, const char *format) {
  mst_drawfile *f = NULL;
  mst_error err = {0};
  char want[1024];
  snprintf(want, sizeof want, format, path, path);
  MPI_Barrier(comm.mpi);
  assert_int_equal(mst_drawfile_create(&f, &comm, &j->spec, &err), status);
  assert_null(f);
  assert_string_equal(err.message, want);
  MPI_Barrier(comm.mpi);
}

static void test_refusals(void **state) {
  (void)state;
  job j;
  char lock[160], text[320], gone[64];
  struct stat there;
  job_make(&j, 10, 0, MST_LATENTS_ALL);
  snprintf(lock, sizeof lock, "%s.lock", path);
  if (comm.rank == 0) write_text(path, "precious");
  refused(&j, MASTING_ERR_EXISTS,
          "%s: the output exists already; try another name, or --force to overwrite it");
  assert_int_equal(stat(path, &there), 0);
  assert_int_equal(there.st_size, 8);
  MPI_Barrier(comm.mpi);

  if (comm.rank == 0) {
    unlink(path);
    write_text(lock, "host elsewhere process 123\n");
  }
  refused(&j, MASTING_ERR_EXISTS,
          "%s: another job writes it: process 123 on host elsewhere; try another output, or remove "
          "%s.lock if that job is gone");
  assert_int_equal(access(lock, F_OK), 0);
  MPI_Barrier(comm.mpi);

  /* A process of this host that is gone: its lock is taken over. */
  if (comm.rank == 0) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    gethostname(gone, sizeof gone);
    snprintf(text, sizeof text, "host %s process %ld\n", gone, (long)child);
    write_text(lock, text);
  }
  mst_drawfile *f;
  mst_error err = {0};
  MPI_Barrier(comm.mpi);
  if (mst_drawfile_create(&f, &comm, &j.spec, &err)) fail_msg("%s", err.message);
  mst_drawfile_abandon(&f, 0);
  MPI_Barrier(comm.mpi);
  assert_int_not_equal(access(lock, F_OK), 0);

  j.spec.path = folder;
  if (mst_drawfile_create(&f, &comm, &j.spec, &err) != MASTING_ERR_EXISTS)
    fail_msg("%s", err.message);
  assert_non_null(strstr(err.message, "got a folder"));
  job_free(&j);
  MPI_Barrier(comm.mpi);
}

/* A link where the partial file will be is not followed; a file that appears under the output's
 * name while a run writes is not replaced, and nothing of the run is lost. */
static void test_intruders(void **state) {
  (void)state;
  job j;
  mst_drawfile *f = NULL;
  mst_error err = {0};
  char partial[160], precious[160], want[600];
  struct stat there;
  snprintf(partial, sizeof partial, "%s.partial", path);
  snprintf(precious, sizeof precious, "%s.precious", path);
  job_make(&j, 10, 0, MST_LATENTS_ALL);
  j.spec.force = 1;
  if (comm.rank == 0) {
    unlink(path);
    write_text(precious, "precious");
    assert_int_equal(symlink(precious, partial), 0);
  }
  MPI_Barrier(comm.mpi);
  if (mst_drawfile_create(&f, &comm, &j.spec, &err)) fail_msg("%s", err.message);
  mst_drawfile_abandon(&f, 0);
  MPI_Barrier(comm.mpi);
  assert_int_equal(stat(precious, &there), 0);
  assert_int_equal(there.st_size, 8);

  j.spec.force = 0;
  if (mst_drawfile_create(&f, &comm, &j.spec, &err)) fail_msg("%s", err.message);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) write_text(path, "precious");
  MPI_Barrier(comm.mpi);
  assert_int_equal(mst_drawfile_finish(&f, NULL, 0, &err), MASTING_ERR_EXISTS);
  snprintf(
      want, sizeof want,
      "%s: a file of that name appeared during the run; it stays, and what was made is whole in "
      "%s; try giving that another name",
      path, partial);
  assert_string_equal(err.message, want);
  assert_int_equal(stat(path, &there), 0);
  assert_int_equal(there.st_size, 8);
  assert_int_equal(access(partial, F_OK), 0);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) {
    unlink(partial);
    unlink(path);
    unlink(precious);
  }
  job_free(&j);
  MPI_Barrier(comm.mpi);
}

/* A disk that fills up, stood in for by a limit on the file's size. */
static void test_full_disk(void **state) {
  (void)state;
  job j;
  mst_drawfile *f = NULL;
  mst_error err = {0};
  struct rlimit before, limit;
  char partial[160], want[256];
  snprintf(partial, sizeof partial, "%s.partial", path);
  job_make(&j, 20000, 0, MST_LATENTS_ALL);
  getrlimit(RLIMIT_FSIZE, &before);
  limit = before;
  limit.rlim_cur = 1 << 20;

  setrlimit(RLIMIT_FSIZE, &limit);
  masting_status status = mst_drawfile_create(&f, &comm, &j.spec, &err);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(status, MASTING_ERR_IO);
  assert_int_equal(masting_exit_status(status), 74);
  snprintf(want, sizeof want, "%s: no room for it: File too large; expected that a file may have ",
           partial);
  if (strncmp(err.message, want, strlen(want)) != 0) fail_msg("%s", err.message);
  MPI_Barrier(comm.mpi);
  assert_int_not_equal(access(partial, F_OK), 0);
  assert_int_not_equal(access(path, F_OK), 0);
  MPI_Barrier(comm.mpi);

  /* In the middle: the first error stays, and nothing stands at the final path. */
  err = (mst_error){0};
  if (mst_drawfile_create(&f, &comm, &j.spec, &err)) fail_msg("%s", err.message);
  put(&j, f, MST_PHASE_DRAWS, 1);
  setrlimit(RLIMIT_FSIZE, &limit);
  status = mst_drawfile_put_local(f, MST_PHASE_DRAWS, CHAINS - 1, DRAWS - 1, j.local, NULL, &err);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(status, j.shard.rows ? MASTING_ERR_IO : MASTING_OK);
  mst_error again = {0}, final = {0};
  assert_int_equal(mst_drawfile_flush(f, &again), status);
  assert_int_equal(mst_drawfile_finish(&f, NULL, 0, &final), MASTING_ERR_IO);
  assert_null(f);
  assert_non_null(strstr(final.message, "File too large"));
  assert_int_not_equal(access(path, F_OK), 0);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) unlink(partial);
  job_free(&j);
  MPI_Barrier(comm.mpi);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  if (comm.rank == 0) {
    snprintf(folder, sizeof folder, "drawfile-XXXXXX");
    if (!mkdtemp(folder)) return 1;
  }
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, comm.mpi);
  snprintf(path, sizeof path, "%s/draws.h5", folder);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all),
      cmocka_unit_test(test_all_scattered),
      cmocka_unit_test(test_fewer_rows_than_ranks),
      cmocka_unit_test(test_moments),
      cmocka_unit_test(test_none),
      cmocka_unit_test(test_auto),
      cmocka_unit_test(test_unfinished),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_intruders),
      cmocka_unit_test(test_full_disk),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (comm.rank == 0) {
    unlink(path);
    rmdir(folder);
  }
  mst_comm_end(&comm);
  return failed;
}
