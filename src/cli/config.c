/* cli/config.c -- options from a file: a JSON object, or `name = value` lines. See options.h. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/options.h"

enum { MAX_CONFIG = 1 << 20 };

static masting_status fail_read(const char *path, mst_error *err) {
  if (errno == ENOMEM)
    return mst_fail(err, MASTING_ERR_MEMORY, "--config %s: no memory left", path);
  if (errno == EFBIG)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "--config %s: more than 1 MiB; expected a file of options", path);
  if (errno == EISDIR || errno == EIO)
    return mst_fail(err, MASTING_ERR_IO, "--config %s: cannot read; expected a file of options",
                    path);
  return mst_fail(err, MASTING_ERR_NOFILE, "--config %s: cannot open: %s", path, strerror(errno));
}

/* One value; the command line, read before, wins over the file. */
static masting_status apply(mst_opts *opts, const char *where, const char *name, const char *value,
                            const bool *from_command_line, mst_error *err) {
  mst_opt *opt = mst_opt_find(opts, where, name, err);
  if (!opt) return err->status;
  if (from_command_line[opt - opts->table]) return MASTING_OK;
  if (opt->kind == MST_OPT_FLAG) {
    if (strcmp(value, "false") == 0) return MASTING_OK;
    if (strcmp(value, "true") != 0 && *value)
      return mst_fail(err, MASTING_ERR_USAGE, "%s: a switch; expected true or false, got '%s'",
                      where, value);
  }
  return mst_opt_set(opts, opt, where, value, err);
}

static masting_status apply_json(mst_opts *opts, const char *where, const char *name,
                                 const json_t *value, const bool *first, mst_error *err) {
  char text[64];
  if (json_is_string(value)) return apply(opts, where, name, json_string_value(value), first, err);
  if (json_is_boolean(value))
    return apply(opts, where, name, json_is_true(value) ? "true" : "false", first, err);
  if (json_is_integer(value)) {
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return apply(opts, where, name, text, first, err);
  }
  if (json_is_real(value)) {
    snprintf(text, sizeof text, "%.17g", json_real_value(value));
    return apply(opts, where, name, text, first, err);
  }
  return mst_fail(err, MASTING_ERR_USAGE, "%s: expected a number, a text, true or false", where);
}

/* {"N": 5000} stands for the repeated option "N=5000". */
static masting_status apply_json_pairs(mst_opts *opts, const char *where, const char *name,
                                       json_t *pairs, const bool *first, mst_error *err) {
  const char *key;
  json_t *value;
  json_object_foreach(pairs, key, value) {
    char text[256];
    if (!json_is_integer(value))
      return mst_fail(err, MASTING_ERR_USAGE, "%s: %s: expected a whole number", where, key);
    snprintf(text, sizeof text, "%s=%" JSON_INTEGER_FORMAT, key, json_integer_value(value));
    if (apply(opts, where, name, text, first, err) != MASTING_OK) return err->status;
  }
  return MASTING_OK;
}

static masting_status config_json(mst_opts *opts, const char *path, const char *text,
                                  const bool *first, mst_error *err) {
  json_error_t problem;
  json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
  if (!root)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s:%d:%d: broken JSON: %s", path, problem.line,
                    problem.column, problem.text);
  const char *name;
  json_t *value;
  json_object_foreach(root, name, value) {
    char where[512];
    size_t i;
    json_t *item;
    snprintf(where, sizeof where, "%s: %s", path, name);
    if (json_is_array(value)) {
      json_array_foreach(value, i, item) apply_json(opts, where, name, item, first, err);
    } else if (json_is_object(value)) {
      apply_json_pairs(opts, where, name, value, first, err);
    } else {
      apply_json(opts, where, name, value, first, err);
    }
    if (err->status != MASTING_OK) break;
  }
  json_decref(root);
  return err->status;
}

static char *trim(char *text) {
  while (isspace((unsigned char)*text)) text++;
  size_t n = strlen(text);
  while (n && isspace((unsigned char)text[n - 1])) text[--n] = '\0';
  return text;
}

static masting_status config_lines(mst_opts *opts, const char *path, char *text, const bool *first,
                                   mst_error *err) {
  int number = 0;
  for (char *line = text, *next; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = '\0';
    number++;
    char *name = trim(line);
    if (!*name || *name == '#') continue;
    char *value = strchr(name, '=');
    if (!value)
      return mst_fail(err, MASTING_ERR_FORMAT, "%s:%d: no `=`; expected `name = value`, got '%s'",
                      path, number, name);
    *value++ = '\0';
    char where[512];
    name = trim(name);
    snprintf(where, sizeof where, "%s:%d: %s", path, number, name);
    if (apply(opts, where, name, trim(value), first, err) != MASTING_OK) return err->status;
  }
  return MASTING_OK;
}

masting_status mst_opts_config(mst_opts *opts, const char *path, mst_error *err) {
  char *text = mst_file_read(path, MAX_CONFIG, NULL);
  if (!text) return fail_read(path, err);
  bool first[MST_MAX_OPTIONS] = {false};
  for (int i = 0; opts->table[i].name; i++) first[i] = opts->table[i].given;
  char *start = text;
  if (strncmp(start, "\xEF\xBB\xBF", 3) == 0) start += 3;
  if (start[strspn(start, " \t\r\n")] == '{')
    config_json(opts, path, start, first, err);
  else
    config_lines(opts, path, start, first, err);
  free(text);
  return err->status;
}
