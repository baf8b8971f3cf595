// How the C interface says what is wrong.
#pragma once

#include <exception>
#include <new>
#include <string_view>

#include "bpfc/bpfc.h"
#include "bpfc/diagnostic.h"

namespace bpfc::embed {

// Fills `error`, if it is not null, and returns `code`. `kind` has static storage.
int report(bpfc_error* error, int code, const char* kind, std::string_view message,
           SourceRange range = {});

// What `body` returns; where it throws, an error. Nothing comes out.
template <typename Body>
int guarded(bpfc_error* error, Body body) noexcept {
  try {
    const int code = body();
    return code == BPFC_OK ? report(error, code, "", "") : code;
  } catch (const std::bad_alloc&) {
    return report(error, BPFC_ERROR_MEMORY, "memory", "there is not enough memory");
  } catch (const std::exception& exception) {
    return report(error, BPFC_ERROR_INTERNAL, "internal", exception.what());
  } catch (...) {
    return report(error, BPFC_ERROR_INTERNAL, "internal", "an exception of unknown type");
  }
}

}  // namespace bpfc::embed
