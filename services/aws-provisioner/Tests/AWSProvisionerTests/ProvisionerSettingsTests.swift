import AWSProvisioner
import Configuration
import Settings
import Testing

@Suite struct ProvisionerSettingsTests {
    @Test func withoutAnySettingADomainOfOneSmallMachineIsMeant() {
        let reader = ConfigurationReader(ConfigurationSources(), sections: SettingsCatalog.sections)
        let domain = ProvisionerSettings(from: reader).domain
        #expect(reader.problems.isEmpty)
        #expect((domain.domainName, domain.instanceType, domain.instanceCount) == ("ids-suite", "t3.small.search", 1))
        #expect((domain.volumeGiB, domain.httpPort, domain.appliesByItself) == (10, 9107, false))
    }
}
