/* model/open.c -- see model.h: a model by the gallery's name or from a shared object. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/gallery/gallery.h"
#include "base/nearest.h"
#include "model/model.h"

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_NONE
#endif

#define MOST_MODELS 64

static masting_status unknown(const char *name, mst_error *err) {
  const char *names[MOST_MODELS + 1] = {NULL};
  for (int i = 0; i < MOST_MODELS && mst_gallery_at(i); i++) names[i] = mst_gallery_at(i)->name;
  const char *near = mst_nearest(name, names);
  return mst_fail(
      err, MASTING_ERR_MODEL,
      "%s: no model of that name%s%s%s; expected a gallery name or a compiled model.so; "
      "try `masting sample --list`",
      name, near ? " (did you mean `" : "", near ? near : "", near ? "`?)" : "");
}

static bool ends_with(const char *s, const char *end) {
  size_t n = strlen(s), m = strlen(end);
  return n >= m && !strcmp(s + n - m, end);
}

/* Source text where a shared object is expected: the message says how to compile it. */
static masting_status refuse_source(const char *path, mst_error *err) {
  if (ends_with(path, ".c"))
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: this is C source; expected a compiled model.so; try cc -shared -fPIC -O3 "
                    "-march=native $(pkg-config --cflags masting) %s -o model.so -lsleef -lm",
                    path, path);
  if (ends_with(path, ".stan"))
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: a Stan program, which has no simulator; expected a name of the gallery or "
                    "a compiled model.so; try `masting sample --list`, or docs/models-in-c.md",
                    path);
  return MASTING_OK;
}

static masting_status check_header(const char *path, const Elf64_Ehdr *h, size_t got, int64_t bytes,
                                   mst_error *err) {
  if (got < sizeof *h || memcmp(h->e_ident, ELFMAG, SELFMAG))
    return mst_fail(
        err, MASTING_ERR_FORMAT,
        "%s: not a shared object; expected an ELF file, got %s; try compiling the model "
        "again with cc -shared",
        path, got ? "something else" : "an empty file");
  if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != MACHINE)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: compiled for another architecture; expected 64-bit ELF machine %d, got %s "
                    "machine %d; try compiling the model on this machine",
                    path, MACHINE, h->e_ident[EI_CLASS] == ELFCLASS64 ? "64-bit" : "32-bit",
                    h->e_machine);
  if (h->e_type != ET_DYN)
    return mst_fail(
        err, MASTING_ERR_FORMAT,
        "%s: an ELF file, but not a shared object; expected type %d, got %d; try linking "
        "with cc -shared",
        path, ET_DYN, h->e_type);
  /* Linkers put the section headers last. The dynamic linker does not look at them, maps what
   * should be before them, and dies of a bus error when it is not. */
  int64_t end = (int64_t)h->e_shoff + (int64_t)h->e_shnum * h->e_shentsize;
  if (end > bytes)
    return mst_fail(
        err, MASTING_ERR_FORMAT,
        "%s: the file is cut short; expected at least %lld bytes, got %lld; try compiling "
        "or copying it again",
        path, (long long)end, (long long)bytes);
  return MASTING_OK;
}

/* Before dlopen, whose own messages for these do not say what to do. */
static masting_status check_file(const char *path, mst_error *err) {
  struct stat st;
  if (stat(path, &st))
    return mst_fail(err, MASTING_ERR_NOFILE,
                    "%s: cannot open the model: %s; try `masting sample "
                    "--list` for built-in models",
                    path, strerror(errno));
  if (!S_ISREG(st.st_mode))
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: %s; expected a compiled model.so", path,
                    S_ISDIR(st.st_mode) ? "this is a directory" : "this is not a regular file");
  FILE *f = fopen(path, "rb");
  if (!f)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot open the model: %s", path,
                    strerror(errno));
  Elf64_Ehdr h = {0};
  size_t got = fread(&h, 1, sizeof h, f);
  fclose(f);
  return check_header(path, &h, got, (int64_t)st.st_size, err);
}

/* One exported model: the ABI number stands first, so it can be read whatever the rest is. */
static masting_status check_export(const char *path, const masting_model *m, int lanes,
                                   const char *first_name, mst_error *err) {
  if (m->abi != MASTING_ABI)
    return mst_fail(
        err, MASTING_ERR_MODEL,
        "%s: compiled for another ABI; expected number %d, got %d; try compiling it with "
        "this version's headers",
        path, MASTING_ABI, m->abi);
  if (m->lanes != lanes)
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: masting_model_w%d says another lane width; expected %d, got %d; try "
                    ".lanes = MASTING_LANES",
                    path, lanes, lanes, m->lanes);
  if (!m->name || (first_name && strcmp(m->name, first_name)))
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: masting_model_w%d has another name; expected %s, got "
                    "%s",
                    path, lanes, first_name ? first_name : "a name", m->name ? m->name : "none");
  return MASTING_OK;
}

static masting_status find_widths(mst_model_set *set, const char *path, mst_error *err) {
  for (int w = 0; w < 5; w++) {
    char symbol[32];
    snprintf(symbol, sizeof symbol, "masting_model_w%d", 1 << w);
    const masting_model *m = dlsym(set->handle, symbol);
    if (!m) continue;
    if (check_export(path, m, 1 << w, set->name, err)) return err->status;
    set->width[w] = m;
    set->name = m->name;
  }
  if (!set->name)
    return mst_fail(
        err, MASTING_ERR_MODEL,
        "%s: no model in it; expected a symbol masting_model_w1, w2, w4, w8 or w16; try "
        "MASTING_MODEL(name) = {...}, see docs/models-in-c.md",
        path);
  return MASTING_OK;
}

static masting_status open_object(mst_model_set *set, const char *path, mst_error *err) {
  if (check_file(path, err)) return err->status;
  char *whole = realpath(path, NULL); /* dlopen searches elsewhere for a name without a slash */
  if (!whole)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot open the model: %s", path,
                    strerror(errno));
  set->handle = dlopen(whole, RTLD_NOW | RTLD_LOCAL);
  free(whole);
  if (!set->handle) {
    const char *why = dlerror();
    const bool mounted = strstr(why, "failed to map") || strstr(why, "Operation not permitted");
    return mst_fail(
        err, MASTING_ERR_MODEL, "%s: the dynamic linker refuses it: %s; try %s", path, why,
        mounted ? "a folder on a disk that is not mounted noexec (TMPDIR, MASTING_CACHE)"
                : "linking the model with -lsleef -lm");
  }
  set->isa = "file";
  return find_widths(set, path, err);
}

masting_status mst_model_open(mst_model_set *set, const char *name_or_path, int isa,
                              mst_error *err) {
  *set = (mst_model_set){0};
  if (mst_gallery_find(set, name_or_path, isa)) return MASTING_OK;
  if (refuse_source(name_or_path, err)) return err->status;
  struct stat st;
  bool path =
      strchr(name_or_path, '/') || ends_with(name_or_path, ".so") || !stat(name_or_path, &st);
  masting_status status = path ? open_object(set, name_or_path, err) : unknown(name_or_path, err);
  if (status) mst_model_close(set);
  return status;
}

void mst_model_close(mst_model_set *set) {
  if (set->handle) dlclose(set->handle);
  *set = (mst_model_set){0};
}
