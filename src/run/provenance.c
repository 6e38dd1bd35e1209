/* run/provenance.c -- see provenance.h. */
#define _GNU_SOURCE
#include "config.h"

#include "run/provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/pass.h"

#define HOST_TEXT 64
#define MOST_ATTRIBUTES 32

/* Names of the hosts, each once, in rank order; on rank 0, to be freed. Collective. */
static char *host_names(const mst_comm *comm, mst_error *err) {
  char mine[HOST_TEXT] = "";
  gethostname(mine, sizeof mine - 1);
  const size_t n = (size_t)comm->size;
  char *all = calloc(n, HOST_TEXT), *text = calloc(n, HOST_TEXT + 1);
  if (!all || !text) mst_fail(err, MASTING_ERR_MEMORY, "host names: out of memory");
  if (mst_agree(comm, err) == MASTING_OK &&
      mst_mpi_check(MPI_Gather(mine, HOST_TEXT, MPI_CHAR, all, HOST_TEXT, MPI_CHAR, 0, comm->mpi),
                    "MPI_Gather", err) == MASTING_OK &&
      comm->rank == 0)
    for (size_t r = 0; r < n; r++) {
      const char *host = all + r * HOST_TEXT;
      if (r > 0 && !strcmp(host, host - HOST_TEXT)) continue;
      if (*text) strcat(text, " ");
      strcat(text, host);
    }
  free(all);
  return text;
}

/* Names of the parameters that are stored, with spaces between them; to be freed. */
static char *parameter_names(const mst_layout *l, mst_error *err) {
  size_t length = 1;
  for (int i = 0; i < l->model->nparams; i++) length += strlen(l->model->params[i].name) + 1;
  char *text = calloc(length, 1);
  if (!text) mst_fail(err, MASTING_ERR_MEMORY, "parameter names: out of memory");
  for (int i = 0; i < l->model->nparams && text; i++) {
    if (l->model->params[i].hidden) continue;
    if (*text) strcat(text, " ");
    strcat(text, l->model->params[i].name);
  }
  return text;
}

static const char *metric_name(mst_metric_choice metric) {
  static const char *const names[] = {"diag", "diag-var", "unit", "dense", "lowrank", "auto"};
  return names[metric];
}

masting_status mst_provenance_create(mst_drawfile **file, const mst_comm *comm, const mst_target *t,
                                     const mst_drawfile_spec *spec, const mst_origin *origin,
                                     mst_error *err) {
  char *hosts = host_names(comm, err), *names = parameter_names(&t->layout, err);
  char hash[20], seed[24];
  snprintf(hash, sizeof hash, "%016llx", (unsigned long long)t->data->hash);
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)origin->seed);
  mst_attribute all[MOST_ATTRIBUTES] = {
      {"model", t->model->name, 0},
      {"parameters", names ? names : "", 0},
      {"data_path", spec->data_path ? spec->data_path : "", 0},
      {"data_hash", hash, 0},
      {"command_line", origin->command_line ? origin->command_line : "", 0},
      {"seed", seed, 0},
      {"reduction", t->reduction == MST_EXACT ? "exact" : "fast", 0},
      {"rows", NULL, (double)t->data->shard.n},
      {"block_rows", NULL, t->data->shard.block_rows},
      {"ranks", NULL, comm->size},
      {"threads_per_rank", NULL, comm->threads},
      {"lanes", NULL, t->lanes},
      {"simd", mst_isa_name(t->isa), 0},
      {"hosts", hosts, 0}};
  int n = 0;
  while (all[n].name) n++;
  for (int i = 0; i < spec->nattributes; i++) {
    MST_ASSERT(n < MOST_ATTRIBUTES);
    all[n++] = spec->attributes[i];
  }
  mst_drawfile_spec full = *spec;
  full.layout = &t->layout;
  full.shard = &t->data->shard;
  full.attributes = all;
  full.nattributes = n;
  if (mst_agree(comm, err) == MASTING_OK) mst_drawfile_create(file, comm, &full, err);
  free(hosts);
  free(names);
  return err->status;
}

/* from: draws to go on with, or NULL; *moved: to another file. */
static masting_status open_draws(mst_drawfile **file, const mst_comm *comm,
                                 const mst_sample_options *o, const mst_target *t,
                                 const mst_drawfile_place *from, bool *moved, mst_error *err) {
  const mst_attribute attributes[] = {{"metric", metric_name(o->metric), 0},
                                      {"metric_pooled", NULL, o->pool},
                                      {"target_accept", NULL, o->target_accept},
                                      {"max_depth", NULL, o->max_depth},
                                      {"init", mst_init_names[o->init], 0},
                                      {"init_radius", NULL, o->init_radius},
                                      {"warmup", NULL, o->warmup},
                                      {"metric_file", o->metric_file ? o->metric_file : "", 0},
                                      {"metric_fixed", NULL, !o->metric_named}};
  const int n = (int)(sizeof attributes / sizeof *attributes);
  const mst_drawfile_spec spec = {.path = o->out,
                                  .force = o->force,
                                  .set_aside = o->set_aside,
                                  .from = from,
                                  .layout = &t->layout,
                                  .shard = &t->data->shard,
                                  .chains = o->chains,
                                  .draws = o->draws,
                                  .warmup = o->save_warmup ? o->warmup : 0,
                                  .latents = from ? (mst_latents)from->latents : o->latents,
                                  .data_path = o->data_path,
                                  .attributes = attributes,
                                  .nattributes = o->metric_file ? n : n - 2};
  const mst_origin origin = {o->seed, o->command_line};
  if (from && mst_drawfile_same_place(&spec, from))
    return mst_drawfile_reopen(file, comm, &spec, from, err);
  if (moved) *moved = true;
  return mst_provenance_create(file, comm, t, &spec, &origin, err);
}

masting_status mst_provenance_open(mst_drawfile **file, const mst_comm *comm,
                                   const mst_sample_options *o, const mst_target *t,
                                   mst_error *err) {
  return open_draws(file, comm, o, t, NULL, NULL, err);
}

masting_status mst_provenance_resume(mst_drawfile **file, const mst_comm *comm,
                                     const mst_sample_options *o, const mst_target *t,
                                     const mst_drawfile_place *place, bool *moved, mst_error *err) {
  return open_draws(file, comm, o, t, place, moved, err);
}

enum { CLOSING = 8 };

static void closing(const mst_sample_result *r, mst_attribute attributes[CLOSING]) {
  const mst_attribute all[CLOSING] = {{"sampling_time", NULL, r->sampling_seconds},
                                      {"warmup_time", NULL, r->warmup_seconds},
                                      {"leapfrog_steps", NULL, (double)r->steps},
                                      {"gradients", NULL, (double)r->gradients},
                                      {"start_gradients", NULL, (double)r->start_gradients},
                                      {"collectives", NULL, (double)r->collectives},
                                      {"collective_bytes", NULL, (double)r->collective_bytes},
                                      {"divergences", NULL, (double)r->divergences}};
  memcpy(attributes, all, sizeof all);
}

masting_status mst_provenance_close(mst_drawfile **file, const mst_sample_result *r,
                                    mst_error *err) {
  mst_attribute attributes[CLOSING];
  closing(r, attributes);
  return mst_drawfile_finish(file, attributes, CLOSING, err);
}

masting_status mst_provenance_stop(mst_drawfile **file, const mst_sample_result *r, int reached,
                                   bool whole, mst_error *err) {
  mst_attribute attributes[CLOSING];
  closing(r, attributes);
  return mst_drawfile_stop(file, reached, whole, attributes, CLOSING, err);
}
