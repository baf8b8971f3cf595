#include "measure/native_program.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "bpfc/c_source.h"

extern char** environ;

namespace bpfc::measure {
namespace {

namespace fs = std::filesystem;

// Removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::error_code error;
    std::string path = (fs::temp_directory_path(error) / "bpfc_native_XXXXXX").string();
    if (!error && mkdtemp(path.data()) != nullptr) path_ = path;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (exists()) fs::remove_all(path_, ignored);
  }

  bool exists() const { return !path_.empty(); }
  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string function_name(std::size_t index) { return fmt::format("filter_{}", index); }

// Whether it ran and was content.
bool run(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawn(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    return false;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string find_on_path(std::string_view name) {
  if (name.empty() || name.find('/') != std::string_view::npos) {
    return !name.empty() && access(std::string(name).c_str(), X_OK) == 0 ? std::string(name) : "";
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string candidate = fmt::format("{}/{}", rest.substr(0, end), name);
    if (end > 0 && access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

}  // namespace

std::string find_c_compiler() {
  const char* chosen = std::getenv("CC");
  for (const std::string_view name : {std::string_view(chosen == nullptr ? "" : chosen),
                                      std::string_view("gcc"), std::string_view("cc")}) {
    if (std::string path = find_on_path(name); !path.empty()) return path;
  }
  return {};
}

Expected<NativePrograms, std::string> NativePrograms::compile(
    std::span<const VerifiedProgram> programs) {
  const std::string compiler = find_c_compiler();
  if (compiler.empty()) return tl::unexpected(std::string("there is no C compiler"));
  const TemporaryDirectory directory;
  if (!directory.exists()) {
    return tl::unexpected(std::string("there is no directory for temporary files"));
  }
  const std::string source = directory.file("filters.c");
  const std::string object = directory.file("filters.so");
  {
    std::ofstream file(source);
    for (std::size_t i = 0; i < programs.size(); ++i) {
      file << to_c_source(programs[i], {.name = function_name(i), .about = {}});
    }
    if (!file.flush()) return tl::unexpected(fmt::format("{} cannot be written", source));
  }
  if (!run({compiler, "-std=c99", "-O3", "-march=native", "-shared", "-fPIC", source, "-o",
            object})) {
    return tl::unexpected(fmt::format("{} failed", compiler));
  }
  NativePrograms made;
  made.library_ = {dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL),
                   [](void* library) { library != nullptr ? (void)dlclose(library) : void(); }};
  if (made.library_ == nullptr) return tl::unexpected(std::string(dlerror()));
  for (std::size_t i = 0; i < programs.size(); ++i) {
    void* symbol = dlsym(made.library_.get(), function_name(i).c_str());
    if (symbol == nullptr) return tl::unexpected(std::string(dlerror()));
    made.functions_.push_back(reinterpret_cast<Function>(symbol));
  }
  return made;
}

}  // namespace bpfc::measure
