import JSON

/// What batches of a size cost and how soon they arrive, measured at the events that went through since the services started:
/// settings are taken at a start alone, so that this is the effect of those in force.
struct BatchMeasure: Sendable, Equatable {
    /// What one service has done since its start.
    struct Work: Sendable, Equatable {
        /// Metrics that it is read from.
        static let names: Set<String> = [
            "process_cpu_seconds_total", "ids_eve_reader_events_total", "ids_eve_reader_batches_total",
            "ids_ecs_transformer_events_total", "ids_opensearch_shipper_documents_stored_total",
            "ids_opensearch_shipper_end_to_end_seconds_sum", "ids_opensearch_shipper_end_to_end_seconds_count",
        ]

        var cpuSeconds: Double
        var events: Double
        /// Of the reader alone.
        var batches: Double?
        /// Of a shipper alone: the sum of the times from reading to storing, and of how many batches.
        var delay: (seconds: Double, count: Double)?

        /// nil for a service that does not work on events, or has had none.
        init?(_ metrics: Exposition) {
            let counts = [
                "ids_eve_reader_events_total", "ids_ecs_transformer_events_total",
                "ids_opensearch_shipper_documents_stored_total",
            ]
            guard let events = counts.compactMap(metrics.sum).first, events > 0,
                let cpuSeconds = metrics.value("process_cpu_seconds_total")
            else { return nil }
            (self.events, self.cpuSeconds) = (events, cpuSeconds)
            batches = metrics.value("ids_eve_reader_batches_total")
            if let seconds = metrics.value("ids_opensearch_shipper_end_to_end_seconds_sum"),
                let count = metrics.value("ids_opensearch_shipper_end_to_end_seconds_count"), count > 0
            {
                delay = (seconds, count)
            }
        }

        static func == (left: Work, right: Work) -> Bool {
            (left.cpuSeconds, left.events, left.batches, left.delay?.seconds)
                == (right.cpuSeconds, right.events, right.batches, right.delay?.seconds)
        }
    }

    /// Keys that have a part in it.
    static let keys = [
        "eve_reader.batch_events", "eve_reader.batch_bytes", "eve_reader.batch_age_ms",
        "ecs_transformer.batches_in_flight", "opensearch_shipper.batches_in_flight",
    ]
    /// Fewer tell nothing.
    private static let eventsMin = 500.0

    /// Events that the reader has read.
    var events: Int
    var eventsPerBatch: Double
    /// CPU seconds of all services for a million events.
    var cpuSecondsPerMillion: Double
    /// From the reading of a batch's first line to the store's acknowledgement, in seconds; nil where nothing was stored.
    var delaySeconds: Double?

    /// nil when too few events went through.
    init?(_ services: [SettingsInForce]) {
        let works = services.compactMap(\.work)
        guard let reader = works.first(where: { $0.batches != nil }), let batches = reader.batches, batches > 0,
            reader.events >= Self.eventsMin
        else { return nil }
        events = Int(reader.events)
        eventsPerBatch = reader.events / batches
        cpuSecondsPerMillion = works.reduce(0) { $0 + $1.cpuSeconds / $1.events } * 1_000_000
        let delays = works.compactMap(\.delay)
        delaySeconds = delays.isEmpty ? nil : delays.reduce(0) { $0 + $1.seconds } / delays.reduce(0) { $0 + $1.count }
    }

    /// Reads it from a revision's file; nil for what is none.
    init?(_ json: JSONNode) {
        guard let events = json["events"]?.int64, let eventsPerBatch = json["events_per_batch"]?.double,
            let cpuSecondsPerMillion = json["cpu_seconds_per_million"]?.double
        else { return nil }
        (self.events, self.eventsPerBatch) = (Int(events), eventsPerBatch)
        self.cpuSecondsPerMillion = cpuSecondsPerMillion
        delaySeconds = json["delay_seconds"]?.double
    }
}

extension BatchMeasure: JSONWritable {
    /// For a revision's file and for answers.
    func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("events", events)
            json.member("events_per_batch", eventsPerBatch)
            json.member("cpu_seconds_per_million", cpuSecondsPerMillion)
            json.member("delay_seconds", delaySeconds)
        }
    }
}
