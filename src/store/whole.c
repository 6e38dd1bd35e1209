/* store/whole.c -- see whole.h. */
#define _GNU_SOURCE
#include "store/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "data/h5.h"
#include "store/skeleton.h"

#define PIECE_BYTES (8 << 20)
#define ATTRIBUTE_BYTES (1 << 18)

typedef struct making {
  const char *partial;
  hid_t h5; /* of the partial file */
  int fd;
  mst_skeleton was, is; /* as it is laid out, and as it will be */
  char *group[MST_MAX_GROUPS];
  mst_whole *whole;
  mst_h5_layout out;
  void *buffer;
  mst_error *err;
} making;

static masting_status no_file_of_ours(const making *m, const char *name) {
  return mst_fail(m->err, MASTING_ERR_FORMAT,
                  "%s: %s: not as masting lays it out; expected the partial file of `masting "
                  "sample`",
                  m->partial, name);
}

/* ---- the structure of the partial file ---- */

static int cell_of(hid_t dataset) {
  hid_t type = H5Dget_type(dataset);
  const H5T_class_t class = H5Tget_class(type);
  const size_t size = H5Tget_size(type);
  mst_h5_close(&type);
  if (class == H5T_FLOAT && size == 8) return MST_CELL_F64;
  if (class == H5T_INTEGER && (size == 8 || size == 1))
    return size == 8 ? MST_CELL_I64 : MST_CELL_BOOL;
  return -1;
}

typedef struct scale_name {
  char text[MST_NAME_SIZE];
} scale_name;

static herr_t take_name(hid_t dataset, unsigned axis, hid_t scale, void *data) {
  scale_name *name = data;
  char full[2 * MST_NAME_SIZE] = "";
  (void)dataset;
  (void)axis;
  H5Iget_name(scale, full, sizeof full);
  const char *slash = strrchr(full, '/');
  snprintf(name->text, sizeof name->text, "%.*s", MST_NAME_SIZE - 1, slash ? slash + 1 : full);
  return 1;
}

static int find_dimension(const mst_skeleton *s, int group, const char *name) {
  for (int i = 0; i < s->ndims; i++)
    if (s->dim[i].group == group && !strcmp(s->dim[i].name, name)) return i;
  return -1;
}

static bool add_variable(making *m, int group, const char *name, hid_t dataset, int ndims,
                         const hsize_t *dims) {
  mst_skeleton *s = &m->was;
  const int cell = cell_of(dataset);
  int dim[MST_VARIABLE_DIMS];
  if (cell < 0 || ndims > MST_VARIABLE_DIMS) return false;
  for (int i = 0; i < ndims; i++) {
    scale_name scale = {""};
    H5DSiterate_scales(dataset, (unsigned)i, NULL, take_name, &scale);
    dim[i] = find_dimension(s, group, scale.text);
    if (dim[i] < 0 || s->dim[dim[i]].size != (int64_t)dims[i]) return false;
  }
  const int v = mst_skeleton_variable(s, group, name, (mst_cell)cell, false, ndims, dim);
  const haddr_t at = H5Dget_offset(dataset);
  s->var[v].offset = at == HADDR_UNDEF ? MST_NO_OFFSET : (int64_t)at;
  return at != HADDR_UNDEF || s->var[v].bytes == 0;
}

/* Dimensions stand before the variables that have them: one pass in the order of creation. */
static bool add_dataset(making *m, int group, hid_t at, const char *name) {
  hsize_t dims[H5S_MAX_RANK] = {0};
  hid_t dataset = H5Dopen2(at, name, H5P_DEFAULT);
  if (dataset < 0) return false;
  hid_t space = H5Dget_space(dataset);
  const int ndims = H5Sget_simple_extent_ndims(space);
  bool good = ndims >= 0 && strlen(name) < MST_NAME_SIZE &&
              (ndims == 0 || H5Sget_simple_extent_dims(space, dims, NULL) >= 0);
  mst_h5_close(&space);
  if (good && H5DSis_scale(dataset) > 0) {
    good = ndims == 1;
    const haddr_t offset = H5Dget_offset(dataset);
    if (good) {
      const int d = mst_skeleton_dimension(&m->was, group, name, (int64_t)dims[0]);
      m->was.dim[d].offset = offset == HADDR_UNDEF ? MST_NO_OFFSET : (int64_t)offset;
    }
  } else if (good) {
    good = add_variable(m, group, name, dataset, ndims, dims);
  }
  mst_h5_close(&dataset);
  return good;
}

/* Names of the links of a group, in the order of creation; NULL without memory. */
static char **names_in(hid_t group, int *count) {
  H5G_info_t info = {0};
  if (H5Gget_info(group, &info) < 0) return NULL;
  char **names = calloc((size_t)info.nlinks + 1, sizeof *names);
  for (hsize_t i = 0; names && i < info.nlinks; i++) {
    const ssize_t n =
        H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, NULL, 0, H5P_DEFAULT);
    names[i] = n < 0 ? NULL : malloc((size_t)n + 1);
    if (!names[i] || H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, names[i],
                                        (size_t)n + 1, H5P_DEFAULT) < 0) {
      for (hsize_t k = 0; k <= i; k++) free(names[k]);
      free(names);
      return NULL;
    }
  }
  *count = (int)info.nlinks;
  return names;
}

static masting_status read_group(making *m, const char *name) {
  int count = 0;
  hid_t group = H5Gopen2(m->h5, name, H5P_DEFAULT);
  char **names = group < 0 ? NULL : names_in(group, &count);
  if (!names) no_file_of_ours(m, name);
  const int g = mst_skeleton_group(&m->was, name);
  for (int i = 0; i < count && !m->err->status; i++)
    if (!add_dataset(m, g, group, names[i])) no_file_of_ours(m, names[i]);
  for (int i = 0; i < count; i++) free(names[i]);
  free(names);
  mst_h5_close(&group);
  return m->err->status;
}

static masting_status read_structure(making *m) {
  int count = 0;
  hid_t root = H5Gopen2(m->h5, "/", H5P_DEFAULT);
  char **names = root < 0 ? NULL : names_in(root, &count);
  if (!names || count == 0 || count > MST_MAX_GROUPS) no_file_of_ours(m, "/");
  for (int i = 0; i < count; i++) {
    if (i < MST_MAX_GROUPS) m->group[i] = names[i];
    if (!m->err->status) read_group(m, names[i]);
  }
  free(names);
  mst_h5_close(&root);
  return m->err->status;
}

/* ---- how many draws there are ---- */

static const mst_variable *find(const mst_skeleton *s, const char *group, const char *name) {
  for (int i = 0; i < s->nvars; i++)
    if (!strcmp(s->group[s->var[i].group], group) && !strcmp(s->var[i].name, name))
      return &s->var[i];
  return NULL;
}

static bool read_at(making *m, int64_t offset, void *to, int64_t count) {
  for (char *at = to; count > 0;) {
    const ssize_t n = pread(m->fd, at, (size_t)count, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      mst_fail(m->err, MASTING_ERR_IO, "%s: cannot be read: %s", m->partial,
               n < 0 ? strerror(errno) : "it is cut short");
      return false;
    }
    at += n;
    offset += n;
    count -= n;
  }
  return true;
}

/* Draws that every chain has: lp is written last of a draw, and is a number. -1: no such group. */
static int64_t count_draws(making *m, const char *group, int64_t *chains, int64_t *planned) {
  const mst_variable *lp = find(&m->was, group, "lp");
  if (!lp || lp->ndims != 2 || lp->cell != MST_CELL_F64) return -1;
  *chains = m->was.dim[lp->dim[0]].size;
  *planned = m->was.dim[lp->dim[1]].size;
  int64_t least = *planned;
  double *x = m->buffer;
  const int64_t most = PIECE_BYTES / 8;
  for (int64_t c = 0; c < *chains; c++) {
    int64_t have = 0;
    for (int64_t d = 0; d < least; d += most) {
      const int64_t count = least - d < most ? least - d : most;
      if (!read_at(m, lp->offset + 8 * (c * *planned + d), x, 8 * count)) return -1;
      for (int64_t i = 0; i < count; i++)
        if (!isnan(x[i])) have = d + i + 1;
    }
    if (have < least) least = have;
  }
  return least;
}

/* A rank that was killed may not have written its rows of the draw that rank 0 wrote last. */
static bool last_is_whole(making *m, int64_t draw) {
  for (int i = 0; i < m->was.nvars; i++) {
    const mst_variable *v = &m->was.var[i];
    if (v->cell != MST_CELL_F64 || v->ndims < 2) continue;
    if (strcmp(m->was.group[v->group], "posterior") != 0) continue;
    const int64_t chains = m->was.dim[v->dim[0]].size, planned = m->was.dim[v->dim[1]].size;
    const int64_t bytes = chains * planned > 0 ? v->bytes / (chains * planned) : 0;
    for (int64_t c = 0; c < chains; c++)
      for (int64_t at = 0; at < bytes; at += PIECE_BYTES) {
        const int64_t count = bytes - at < PIECE_BYTES ? bytes - at : PIECE_BYTES;
        if (!read_at(m, v->offset + (c * planned + draw) * bytes + at, m->buffer, count))
          return true;
        for (int64_t k = 0; k < count / 8; k++)
          if (isnan(((double *)m->buffer)[k])) return false;
      }
  }
  return true;
}

/* Moments are written at the end; a run that was killed has none. */
static bool lacks_moments(making *m) {
  for (int i = 0; i < m->was.nvars; i++) {
    const mst_variable *v = &m->was.var[i];
    double first = 0;
    if (strcmp(m->was.group[v->group], "latent_moments") == 0 && v->bytes >= 8 &&
        read_at(m, v->offset, &first, 8) && isnan(first))
      return true;
  }
  return false;
}

/* The file's own count; -1: it has none. */
static int64_t told(const making *m) {
  int64_t count = -1;
  if (H5Aexists(m->h5, "draws_reached") <= 0) return -1;
  hid_t attribute = H5Aopen(m->h5, "draws_reached", H5P_DEFAULT);
  if (attribute >= 0 && H5Aread(attribute, H5T_NATIVE_INT64, &count) < 0) count = -1;
  mst_h5_close(&attribute);
  return count;
}

static masting_status look(making *m) {
  int64_t chains = 0, planned = 0;
  mst_whole *w = m->whole;
  w->draws = count_draws(m, "sample_stats", &w->chains, &w->planned);
  w->warmup = count_draws(m, "warmup_sample_stats", &chains, &planned);
  if (!m->err->status && w->draws < 0) return no_file_of_ours(m, "sample_stats/lp");
  if (w->warmup < 0) w->warmup = 0;
  /* a run that was asked to stop says how many there are */
  if (w->draws > 0 && told(m) != w->draws && !last_is_whole(m, w->draws - 1)) w->draws--;
  w->no_moments = lacks_moments(m);
  return m->err->status;
}

/* ---- the whole file ---- */

static bool is_dropped(const making *m, int group) {
  const char *name = m->was.group[group];
  return (m->whole->no_moments && strcmp(name, "latent_moments") == 0) ||
         (m->whole->warmup == 0 && strncmp(name, "warmup_", 7) == 0);
}

static bool is_warmup(const making *m, int group) {
  return strncmp(m->was.group[group], "warmup_", 7) == 0;
}

static masting_status plan(making *m) {
  const mst_skeleton *w = &m->was;
  int group[MST_MAX_GROUPS], *dim = NULL;
  if (mst_alloc((void **)&dim, (size_t)w->ndims, sizeof *dim, "a draws file", m->err))
    return m->err->status;
  for (int g = 0; g < w->ngroups; g++)
    group[g] = is_dropped(m, g) ? -1 : mst_skeleton_group(&m->is, w->group[g]);
  for (int i = 0; i < w->ndims; i++) {
    const mst_dimension *d = &w->dim[i];
    const bool draws = strcmp(d->name, "draw") == 0;
    const int64_t reached = is_warmup(m, d->group) ? m->whole->warmup : m->whole->draws;
    if (group[d->group] >= 0)
      dim[i] = mst_skeleton_dimension(&m->is, group[d->group], d->name, draws ? reached : d->size);
  }
  for (int i = 0; i < w->nvars; i++) {
    const mst_variable *v = &w->var[i];
    int of[MST_VARIABLE_DIMS];
    if (group[v->group] < 0) continue;
    for (int k = 0; k < v->ndims; k++) of[k] = dim[v->dim[k]];
    mst_skeleton_variable(&m->is, group[v->group], v->name, v->cell, false, v->ndims, of);
  }
  mst_free(&dim);
  return MASTING_OK;
}

/* Attributes that the dimension scales, and the layout, make themselves. */
static bool is_made(const char *name) {
  static const char *const made[] = {"CLASS",          "NAME",  "DIMENSION_LIST",
                                     "REFERENCE_LIST", "dtype", "draws_reached"};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++)
    if (!strcmp(name, made[i])) return true;
  return false;
}

static herr_t copy_attribute(hid_t from, const char *name, const H5A_info_t *info, void *data) {
  const hid_t to = *(hid_t *)data;
  (void)info;
  if (is_made(name) || H5Aexists(to, name) > 0) return 0;
  hid_t old = H5Aopen(from, name, H5P_DEFAULT), type = H5Aget_type(old), space = H5Aget_space(old);
  const hssize_t points = H5Sget_select_npoints(space);
  void *bytes = calloc((size_t)(points > 0 ? points : 1), H5Tget_size(type));
  hid_t new = H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool good = bytes && new >= 0 && H5Aread(old, type, bytes) >= 0;
  if (good) {
    good = H5Awrite(new, type, bytes) >= 0;
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, bytes);
  }
  free(bytes);
  mst_h5_close(&new);
  mst_h5_close(&space);
  mst_h5_close(&type);
  mst_h5_close(&old);
  return good ? 0 : -1;
}

static masting_status copy_attributes(making *m) {
  bool good = true;
  for (int g = -1; g < m->is.ngroups && good; g++) {
    const char *name = g < 0 ? "/" : m->is.group[g];
    hid_t from = H5Gopen2(m->h5, name, H5P_DEFAULT), to = H5Gopen2(m->out.h5, name, H5P_DEFAULT);
    good = from >= 0 && to >= 0 &&
           H5Aiterate2(from, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, copy_attribute, &to) >= 0;
    mst_h5_close(&from);
    mst_h5_close(&to);
  }
  if (!good)
    mst_fail(m->err, MASTING_ERR_IO, "%s: cannot copy its attributes to %s", m->partial,
             m->out.partial);
  return m->err->status;
}

static masting_status copy_bytes(making *m, int64_t from, int64_t to, int64_t count) {
  for (int64_t done = 0; done < count && !m->err->status; done += PIECE_BYTES) {
    const int64_t here = count - done < PIECE_BYTES ? count - done : PIECE_BYTES;
    if (read_at(m, from + done, m->buffer, here))
      mst_h5_layout_write(&m->out, to + done, m->buffer, here, m->err);
  }
  return m->err->status;
}

/* Variables of the whole file and of the partial one, in the same order. */
static masting_status copy_draws(making *m) {
  int k = 0;
  for (int i = 0; i < m->was.nvars && !m->err->status; i++) {
    const mst_variable *from = &m->was.var[i];
    if (is_dropped(m, from->group)) continue;
    const mst_variable *to = &m->is.var[k++];
    if (to->bytes == 0) continue;
    const bool cut = from->bytes != to->bytes;
    const int64_t chains = cut ? m->was.dim[from->dim[0]].size : 1;
    for (int64_t c = 0; c < chains; c++)
      copy_bytes(m, from->offset + c * (from->bytes / chains),
                 to->offset + c * (to->bytes / chains), to->bytes / chains);
  }
  for (int i = 0; i < m->is.ndims && !m->err->status; i++) {
    const mst_dimension *to = &m->is.dim[i];
    int64_t piece[512];
    for (int64_t first = 0; first < to->size && !m->err->status; first += 512) {
      const int64_t here = to->size - first < 512 ? to->size - first : 512;
      for (int64_t j = 0; j < here; j++) piece[j] = first + j;
      mst_h5_layout_write(&m->out, to->offset + 8 * first, piece, 8 * here, m->err);
    }
  }
  return m->err->status;
}

static masting_status write_whole(making *m, const char *path, int force, const char *beside,
                                  const mst_attribute *attributes, int n) {
  mst_error *err = m->err;
  if (plan(m) ||
      mst_h5_layout_room(beside, mst_skeleton_bytes(&m->is) + ATTRIBUTE_BYTES, NULL, err) ||
      mst_h5_layout_create(&m->out, beside, err) || mst_skeleton_create(&m->is, &m->out, err) ||
      mst_skeleton_attributes(m->out.h5, m->out.partial, "/", attributes, n, err) ||
      copy_attributes(m) || mst_h5_layout_seal(&m->out, err) ||
      mst_h5_layout_open(&m->out, beside, err) || copy_draws(m) ||
      mst_h5_layout_sync(&m->out, err) || mst_h5_layout_publish(&m->out, 1, err))
    return err->status;
  const int why = mst_file_publish(beside, path, force != 0);
  if (!why) return MASTING_OK;
  unlink(beside);
  return mst_fail(err, why == EEXIST ? MASTING_ERR_EXISTS : MASTING_ERR_IO,
                  "%s: %s; try another name, or --force", path,
                  why == EEXIST ? "exists already" : strerror(why));
}

/* The partial file opened, read, and its draws counted. */
static masting_status open_partial(making *m) {
  hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
  char why[256];
  m->h5 = H5I_INVALID_HID;
  m->fd = open(m->partial, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (m->fd < 0) {
    mst_h5_close(&fapl);
    return mst_fail(m->err, MASTING_ERR_NOFILE, "%s: cannot be opened: %s", m->partial,
                    strerror(errno));
  }
  mst_h5_quiet();
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(fapl, false, true);
#endif
  if (H5Fis_hdf5(m->partial) > 0) m->h5 = H5Fopen(m->partial, H5F_ACC_RDONLY, fapl);
  mst_h5_close(&fapl);
  if (m->h5 < 0)
    return mst_fail(m->err, MASTING_ERR_FORMAT,
                    "%s: cannot be opened as HDF5: %s; expected the partial file of `masting "
                    "sample`",
                    m->partial, mst_h5_why(why, sizeof why));
  if (mst_alloc(&m->buffer, 1, PIECE_BYTES, "a piece of the draws", m->err)) return m->err->status;
  return read_structure(m) ? m->err->status : look(m);
}

static void end(making **making_at) {
  making *m = *making_at;
  mst_h5_layout_abandon(&m->out, 0);
  mst_h5_close(&m->h5);
  if (m->fd >= 0) close(m->fd);
  for (int i = 0; i < MST_MAX_GROUPS; i++) free(m->group[i]);
  mst_skeleton_free(&m->was);
  mst_skeleton_free(&m->is);
  mst_free(&m->buffer);
  mst_free(making_at);
}

static making *begin(const char *partial, mst_whole *whole, mst_error *err) {
  making *m = NULL;
  *whole = (mst_whole){0};
  if (mst_alloc((void **)&m, 1, sizeof *m, "a draws file", err)) return NULL;
  m->partial = partial;
  m->whole = whole;
  m->err = err;
  open_partial(m);
  return m;
}

masting_status mst_whole_look(const char *partial, mst_whole *whole, mst_error *err) {
  making *m = begin(partial, whole, err);
  if (m) end(&m);
  return err->status;
}

masting_status mst_whole_make(const char *partial, const char *path, int force,
                              const mst_attribute *attributes, int nattributes, mst_whole *whole,
                              mst_error *err) {
  char *beside = NULL;
  making *m = begin(partial, whole, err);
  if (m && !err->status && whole->draws == 0)
    mst_fail(err, MASTING_ERR_DATA,
             "%s: no draw yet that all chains have; expected at least one, of %lld that were asked "
             "for",
             partial, (long long)whole->planned);
  if (!err->status && asprintf(&beside, "%s.whole", path) < 0)
    mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", path);
  if (m && !err->status) write_whole(m, path, force, beside, attributes, nattributes);
  if (m) end(&m);
  free(beside);
  return err->status;
}
