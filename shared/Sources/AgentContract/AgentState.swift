public import JSON

/// What the agent knows at a moment.
public struct AgentState: Sendable, Equatable {
    /// The agent's version.
    public var version: String
    /// The machine.
    public var host: HostFacts
    /// Units of systemd and containers that belong to the suite, or that it needs.
    public var workloads: [Workload]
    /// Jobs, those begun last first.
    public var jobs: [AgentJob]

    /// All that there is.
    public init(version: String, host: HostFacts, workloads: [Workload], jobs: [AgentJob]) {
        (self.version, self.host, self.workloads, self.jobs) = (version, host, workloads, jobs)
    }

    /// Reads it from an answer.
    ///
    /// - Throws: ``AgentContractError``.
    public init(_ node: JSONNode) throws(AgentContractError) {
        guard let host = node["host"] else { throw AgentContractError(member: "host") }
        version = try node.text("version")
        self.host = try HostFacts(host)
        workloads = try node.list("workloads", countMax: AgentContract.workloadsMax, Workload.init)
        jobs = try node.list("jobs", countMax: AgentContract.jobsMax, AgentJob.init)
    }
}

extension AgentState: JSONWritable {
    /// Writes it for an answer.
    public func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("version", version)
            json.member("host", host)
            json.member("workloads", workloads)
            json.member("jobs", jobs)
        }
    }
}

/// A unit of systemd or a container.
public struct Workload: Sendable, Equatable {
    /// Who looks after it.
    public enum Kind: String, Sendable, CaseIterable {
        case unit, container
    }

    /// What is true of both kinds; ``Workload/detail`` has it in the words of systemd or Docker.
    public enum State: String, Sendable, CaseIterable {
        /// It runs, and says that it works where it says so at all.
        case running
        /// It runs, and does not work yet.
        case starting
        /// It runs, and says that it does not work.
        case unhealthy
        /// It was stopped, or has ended by itself and well.
        case stopped
        /// It has ended badly, or will not be started again.
        case failed
    }

    /// Who looks after it.
    public var kind: Kind
    /// Its name: `suricata.service`, `ids-suite-eve-reader-1`.
    public var name: String
    /// What it is: the unit's description, the container's image.
    public var about: String
    /// Whether it works.
    public var state: State
    /// The same in the words of who looks after it: `active (running)`, `Up 3 minutes (healthy)`.
    public var detail: String
    /// Since when, in seconds since 1970; nil when it never ran.
    public var since: Int64?
    /// How often it was started anew by whoever looks after it.
    public var restarts: Int64
    /// Cores that it used in the last seconds, 1 for one; nil when unknown.
    public var cores: Double?
    /// Memory that it has, in bytes; nil when unknown.
    public var memoryBytes: Int64?
    /// Memory that it may have, in bytes; nil without a limit.
    public var memoryBytesMax: Int64?
    /// What to name to start it anew; nil when the agent does not do that.
    public var target: AgentTarget?

    /// A workload with all that is said of it.
    public init(
        kind: Kind, name: String, about: String, state: State, detail: String, since: Int64?, restarts: Int64 = 0,
        cores: Double? = nil, memoryBytes: Int64? = nil, memoryBytesMax: Int64? = nil, target: AgentTarget?
    ) {
        (self.kind, self.name, self.about, self.state) = (kind, name, about, state)
        (self.detail, self.since, self.restarts, self.cores) = (detail, since, restarts, cores)
        (self.memoryBytes, self.memoryBytesMax, self.target) = (memoryBytes, memoryBytesMax, target)
    }

    init(_ node: JSONNode) throws(AgentContractError) {
        kind = try node.choice("kind")
        name = try node.text("name")
        about = try node.text("about")
        state = try node.choice("state")
        detail = try node.text("detail")
        since = try node.optional("since", node.number)
        restarts = try node.number("restarts")
        cores = node["cores"]?.double
        memoryBytes = try node.optional("memory_bytes", node.number)
        memoryBytesMax = try node.optional("memory_bytes_max", node.number)
        target = try node.optional("target", node.text).flatMap(AgentTarget.init)
    }
}

extension Workload: JSONWritable {
    /// Writes it for an answer.
    public func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("kind", kind.rawValue)
            json.member("name", name)
            json.member("about", about)
            json.member("state", state.rawValue)
            json.member("detail", detail)
            json.member("since", since)
            json.member("restarts", restarts)
            json.member("cores", cores)
            json.member("memory_bytes", memoryBytes)
            json.member("memory_bytes_max", memoryBytesMax)
            json.member("target", target?.description)
        }
    }
}

/// The machine, as the agent sees it.
public struct HostFacts: Sendable, Equatable {
    /// A file system that the suite writes to.
    public struct Disk: Sendable, Equatable {
        /// Where it is mounted.
        public var path: String
        /// How much it holds, in bytes.
        public var bytes: Int64
        /// How much of that is free for the suite, in bytes.
        public var freeBytes: Int64

        /// A file system.
        public init(path: String, bytes: Int64, freeBytes: Int64) {
            (self.path, self.bytes, self.freeBytes) = (path, bytes, freeBytes)
        }
    }

    /// The host's name.
    public var name: String
    /// The machine's model: `Raspberry Pi 5 Model B Rev 1.0`.
    public var model: String
    /// The operating system: `Debian GNU/Linux 13 (trixie)`.
    public var system: String
    /// The kernel's release.
    public var kernel: String
    /// When it was switched on, in seconds since 1970.
    public var bootedAt: Int64
    /// Processors.
    public var processors: Int64
    /// Bytes of a page of memory.
    public var pageBytes: Int64
    /// Memory, in bytes.
    public var memoryBytes: Int64
    /// Memory that could still be given to programs, in bytes.
    public var memoryAvailableBytes: Int64
    /// Of the processor, in degrees Celsius; nil where nothing measures it.
    public var temperatureCelsius: Double?
    /// What is not as it should be, each in a sentence: too little voltage, a clock that nobody sets, no cgroup for memory.
    public var warnings: [String]
    /// File systems that the suite writes to.
    public var disks: [Disk]

    private static let listMax = 16

    /// A machine with all that is said of it.
    public init(
        name: String, model: String, system: String, kernel: String, bootedAt: Int64, processors: Int64,
        pageBytes: Int64, memoryBytes: Int64, memoryAvailableBytes: Int64, temperatureCelsius: Double? = nil,
        warnings: [String] = [], disks: [Disk] = []
    ) {
        (self.name, self.model, self.system, self.kernel) = (name, model, system, kernel)
        (self.bootedAt, self.processors, self.pageBytes) = (bootedAt, processors, pageBytes)
        (self.memoryBytes, self.memoryAvailableBytes) = (memoryBytes, memoryAvailableBytes)
        (self.temperatureCelsius, self.warnings, self.disks) = (temperatureCelsius, warnings, disks)
    }

    init(_ node: JSONNode) throws(AgentContractError) {
        name = try node.text("name")
        model = try node.text("model")
        system = try node.text("system")
        kernel = try node.text("kernel")
        bootedAt = try node.number("booted_at")
        processors = try node.number("processors")
        pageBytes = try node.number("page_bytes")
        memoryBytes = try node.number("memory_bytes")
        memoryAvailableBytes = try node.number("memory_available_bytes")
        temperatureCelsius = node["temperature_celsius"]?.double
        warnings = try node.lines("warnings", countMax: Self.listMax)
        disks = try node.list("disks", countMax: Self.listMax) { disk throws(AgentContractError) in
            Disk(
                path: try disk.text("path"), bytes: try disk.number("bytes"), freeBytes: try disk.number("free_bytes"))
        }
    }
}

extension HostFacts: JSONWritable {
    /// Writes it for an answer.
    public func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("name", name)
            json.member("model", model)
            json.member("system", system)
            json.member("kernel", kernel)
            json.member("booted_at", bootedAt)
            json.member("processors", processors)
            json.member("page_bytes", pageBytes)
            json.member("memory_bytes", memoryBytes)
            json.member("memory_available_bytes", memoryAvailableBytes)
            json.member("temperature_celsius", temperatureCelsius)
            json.member("warnings", warnings)
            json.array("disks") { list in
                for disk in disks {
                    list.object { object in
                        object.member("path", disk.path)
                        object.member("bytes", disk.bytes)
                        object.member("free_bytes", disk.freeBytes)
                    }
                }
            }
        }
    }
}
