/*
 * A Node add-on with one function, quietly(fn): calls fn with the process's standard error sent nowhere.
 *
 * libtensorflow writes two lines to standard error while it is being loaded ("oneDNN custom operations are
 * on…"), before its logging can be configured: no environment variable silences them short of turning oneDNN
 * off, which makes training four times slower. Node itself cannot duplicate a file descriptor.
 *
 * Node-API's stable functions are declared here instead of included, so that no Node headers are needed.
 */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

typedef void *napi_handle; /* napi_env, napi_value, napi_callback_info */
typedef napi_handle (*napi_callback)(napi_handle env, napi_handle info);

extern int napi_get_cb_info(napi_handle env, napi_handle info, size_t *argc, napi_handle *argv,
                            napi_handle *this_arg, void **data);
extern int napi_call_function(napi_handle env, napi_handle receiver, napi_handle function, size_t argc,
                              const napi_handle *argv, napi_handle *result);
extern int napi_create_function(napi_handle env, const char *name, size_t length, napi_callback callback,
                                void *data, napi_handle *result);
extern int napi_set_named_property(napi_handle env, napi_handle object, const char *name, napi_handle value);

/* An exception thrown by fn stays pending, so it reaches the caller once standard error is back. */
static napi_handle quietly(napi_handle env, napi_handle info) {
  size_t argc = 1;
  napi_handle function = NULL, receiver = NULL, result = NULL;
  if (napi_get_cb_info(env, info, &argc, &function, &receiver, NULL) != 0) return NULL;

  int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (saved >= 0 && nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  if (nowhere >= 0) close(nowhere);

  napi_call_function(env, receiver, function, 0, NULL, &result);

  if (saved >= 0) {
    dup2(saved, STDERR_FILENO);
    close(saved);
  }
  return result;
}

__attribute__((visibility("default"))) napi_handle napi_register_module_v1(napi_handle env,
                                                                           napi_handle exports) {
  napi_handle function = NULL;
  if (napi_create_function(env, "quietly", (size_t)-1, quietly, NULL, &function) == 0) {
    napi_set_named_property(env, exports, "quietly", function);
  }
  return exports;
}
