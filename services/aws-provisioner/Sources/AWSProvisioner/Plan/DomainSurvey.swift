import Settings

/// What there is before anything is done.
struct DomainSurvey: Sendable {
    let region: String
    let principal: Principal
    /// The domain of the configured name; nil when there is none.
    let status: DomainStatus?
    /// Its tags.
    let tags: [String: String]

    /// Asks AWS.
    ///
    /// - Throws: ``DomainServiceError``.
    init(_ name: String, by service: DomainService) throws(DomainServiceError) {
        region = service.region
        principal = try service.principal()
        status = try service.describe(name)
        // Of one that is being deleted AWS may tell none any more, and nobody needs them.
        let living = Self.living(status)
        tags = try living.map { domain throws(DomainServiceError) in try service.tags(of: domain.arn) } ?? [:]
    }

    init(region: String, principal: Principal, status: DomainStatus?, tags: [String: String] = [:]) {
        (self.region, self.principal, self.status, self.tags) = (region, principal, status, tags)
    }

    /// The domain, unless it is being deleted: then it is as good as gone.
    var living: DomainStatus? { Self.living(status) }

    private static func living(_ status: DomainStatus?) -> DomainStatus? {
        status.flatMap { $0.isDeleted ? nil : $0 }
    }

    /// The domain that the settings ask for.
    ///
    /// - Throws: ``DomainServiceError``. Who may not look up the own role can still look at a domain that is there.
    func desired(_ settings: AWSDomainSettings, by service: DomainService) throws(DomainServiceError) -> DesiredDomain {
        let found = living
        var engine = settings.engineVersion
        if found == nil {
            engine = try DesiredDomain.engine(configured: engine, offered: service.versions())
        } else if engine == nil, case .text(let version)? = found?.configuration[.engineVersion] {
            engine = version
        }
        var master = settings.masterARN
        do throws(DomainServiceError) {
            if master == nil {
                master = try principal.masterARN { name throws(DomainServiceError) in
                    try service.roleARN(name, for: principal)
                }
            }
        } catch  where found != nil && error.code != .passing {}
        let policy = if case .text(let policy)? = found?.configuration[.accessPolicy] { policy } else { String?.none }
        return try DesiredDomain(
            settings, engine: engine, master: master,
            domainARN: principal.domainARN(settings.domainName, in: region), policy: policy)
    }
}
