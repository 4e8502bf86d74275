#include "crawler/service/crawler.h"

#include "crawler/service/scheduler.h"
#include "platform/logging/logging.h"

namespace vigie::crawler::service {

class Crawler::Impl {
 public:
  Impl(const CrawlerOptions& options, const Seams& seams, sources::SourceList list)
      : clock_(seams.clock),
        sources_(list.sources.size()),
        group_(options.group),
        instance_(options.instance),
        resolver_(seams.resolver == nullptr ? politeness::make_system_resolver(clock_) : nullptr),
        scheduler_(options, with_resolver(seams), std::move(list)) {}

  Result<void> run(const std::stop_token& stop) {
    const std::shared_ptr<EventQueue> events = scheduler_.events();
    const std::stop_callback wake(stop, [events] { events->wake(); });
    VIGIE_ASSIGN(const bool started, scheduler_.start(stop));
    if (!started) return {};
    logging::info("crawler started",
                  {{"sources", sources_}, {"group", group_}, {"instance", instance_}});
    while (!stop.stop_requested()) {
      VIGIE_ASSIGN(const std::chrono::milliseconds next, scheduler_.tick());
      if (!stop.stop_requested()) events->wait(clock_, next);
    }
    scheduler_.stop_starting();
    const auto deadline = clock_.since_boot() + CrawlerOptions::kFinishTime;
    while (!scheduler_.idle() && clock_.since_boot() < deadline) {
      VIGIE_ASSIGN(const std::chrono::milliseconds next, scheduler_.tick());
      if (!scheduler_.idle()) events->wait(clock_, std::min(next, deadline));
    }
    return scheduler_.finish();
  }

  Scheduler& scheduler() { return scheduler_; }

 private:
  Seams with_resolver(Seams seams) const {
    if (resolver_) seams.resolver = resolver_.get();
    return seams;
  }

  Clock& clock_;
  std::size_t sources_;
  std::string group_;
  std::string instance_;
  std::unique_ptr<politeness::Resolver> resolver_;
  Scheduler scheduler_;
};

Crawler::Crawler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Crawler::~Crawler() = default;

Result<std::unique_ptr<Crawler>> Crawler::make(const config::Settings& settings, Seams seams) {
  CrawlerOptions options = read_options(settings);
  if (!seams.instance.empty()) options.instance = seams.instance;
  VIGIE_TRY(curl_options(settings));
  if (const std::string warning = contact_warning(settings); !warning.empty())
    logging::warn(warning);
  VIGIE_ASSIGN(sources::SourceList list, sources::load_sources(options.source_files));
  if (!list.problems.empty()) {
    for (const sources::SourceProblem& problem : list.problems)
      logging::error("source file has a problem", {{"problem", problem.to_string()}});
    const sources::SourceProblem& first = list.problems.front();
    std::string detail = first.message;
    if (list.problems.size() > 1)
      detail += "; and " + std::to_string(list.problems.size() - 1) +
                " more: `vigie sources check` lists them";
    return failure(Disposition::kStop, "bad_sources", std::move(detail), first.where);
  }
  return std::unique_ptr<Crawler>(
      new Crawler(std::make_unique<Impl>(options, seams, std::move(list))));
}

Result<void> Crawler::run(std::stop_token stop) { return impl_->run(stop); }

void Crawler::reload() {
  impl_->scheduler().request_reload();
  impl_->scheduler().events()->wake();
}

Reachability Crawler::reachability() const { return impl_->scheduler().reachability(); }

}  // namespace vigie::crawler::service
