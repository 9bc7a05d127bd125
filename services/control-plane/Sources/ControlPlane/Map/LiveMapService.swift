import EventContract
import HostedRedis
import Lifecycle
import RedisStreams
import ServiceHost

/// All that concerns the live map: what fills it, what names it, and the API.
struct LiveMapService: Sendable {
    let map: LiveMap
    let api: MapAPI
    private let labels: MapLabels
    private let names: TraefikNames
    private let logs: TraefikLogs

    init(_ settings: ControlPlaneSettings, _ readers: EventReaders, _ accounts: Accounts, host: ServiceHost) {
        let (redis, logger, service) = (RedisOptions(settings.redis), host.logger, host.name)
        map = LiveMap(
            settings.map, stream: StreamKeys(prefix: redis.prefix).ecs, metrics: host.metrics
        ) { stop in RedisLink(redis, service: service + "-map", stop: stop, logger: logger) }
        labels = MapLabels(map: map, readers: readers)
        names = TraefikNames(settings.map, logger: logger)
        logs = TraefikLogs(map: map, names: names, logger: logger)
        api = MapAPI(map: map, traefik: names) { accounts.identity(of: $0, isUse: $1)?.caller }
    }

    /// Begins to work, on threads that end when asked to stop.
    func start(until stop: StopSignal) -> [DedicatedThread] {
        [
            DedicatedThread { [map] in map.stream.run(until: stop) },
            DedicatedThread { [map] in map.run(until: stop) },
            DedicatedThread { [labels] in labels.run(until: stop) },
            DedicatedThread { [names] in names.run(until: stop) },
            DedicatedThread { [logs] in logs.run(until: stop) },
        ]
    }
}
