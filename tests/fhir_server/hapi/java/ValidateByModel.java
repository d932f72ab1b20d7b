import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hl7.fhir.common.hapi.validation.validator.FhirDefaultPolicyAdvisor;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_40_50;
import org.hl7.fhir.convertors.loaders.loaderR5.NullLoaderKnowledgeProviderR5;
import org.hl7.fhir.convertors.loaders.loaderR5.R4ToR5Loader;
import org.hl7.fhir.r5.context.SimpleWorkerContext;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.PackageInformation;
import org.hl7.fhir.r5.model.Parameters;
import org.hl7.fhir.r5.model.StructureDefinition;
import org.hl7.fhir.r5.utils.validation.ValidatorSession;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.hl7.fhir.r5.utils.xver.XVerExtensionManagerFactory;
import org.hl7.fhir.utilities.ByteProvider;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.utilities.validation.ValidationMessage.IssueSeverity;
import org.hl7.fhir.validation.ValidatorSettings;
import org.hl7.fhir.validation.instance.InstanceValidator;

/**
 * The HL7 FHIR validator on JSON that is no resource, by logical models, without the network. Argument: a folder of models, value sets and code
 * systems, R4. Standard input: the URL of a model, a tab and the JSON, one a line; R4 resources inside are validated too. Standard output: for each
 * line a JSON array of its errors, [place, message] each.
 */
public class ValidateByModel {
    private static final String R4 = "/org/hl7/fhir/r4/model/";
    private static final List<String> DEFINITIONS = List.of("profile/profiles-types.xml", "profile/profiles-resources.xml",
        "valueset/v3-codesystems.xml", "valueset/v2-tables.xml", "valueset/valuesets.xml");

    public static void main(String[] arguments) throws Exception {
        SimpleWorkerContext definitions = definitions();
        try (var files = Files.list(Path.of(arguments[0]))) {
            for (Path file : files.filter(one -> one.toString().endsWith(".json")).sorted().toList()) {
                var found = FhirContext.forR4Cached().newJsonParser().parseResource(Files.readString(file));
                definitions.cacheResource(VersionConvertorFactory_40_50.convertResource((org.hl7.fhir.r4.model.Resource) found));
            }
        }
        var validator = new InstanceValidator(definitions, null, XVerExtensionManagerFactory.createExtensionManager(definitions),
            new ValidatorSession(), new ValidatorSettings());
        validator.setPolicyAdvisor(new FhirDefaultPolicyAdvisor()); // references are not followed
        validator.setAnyExtensionsAllowed(true); // Epic's own, and data-absent-reason
        validator.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);

        var json = new ObjectMapper();
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", 2);
            var model = definitions.fetchResource(StructureDefinition.class, parts[0]);
            var messages = new ArrayList<ValidationMessage>();
            validator.validate(null, messages, new ByteArrayInputStream(parts[1].getBytes(StandardCharsets.UTF_8)), FhirFormat.JSON, List.of(model));
            ArrayNode errors = json.createArrayNode();
            for (var message : messages) {
                if (message.getLevel().ordinal() <= IssueSeverity.ERROR.ordinal()) {
                    errors.addArray().add(message.getLocation()).add(message.getMessage());
                }
            }
            out.println(errors);
        }
    }

    /** R4's own definitions. */
    private static SimpleWorkerContext definitions() throws IOException {
        var version = Map.of("version.info", ByteProvider.forBytes("version=4.0.1".getBytes(StandardCharsets.UTF_8)));
        var loader = new R4ToR5Loader(Set.of("StructureDefinition", "ValueSet", "CodeSystem"), new NullLoaderKnowledgeProviderR5(), "4.0.1");
        var found = new SimpleWorkerContext.SimpleWorkerContextBuilder()
            .fromDefinitions(version, loader, new PackageInformation("hl7.fhir.r4.core", "4.0.1", new Date()));
        found.setAllowLoadingDuplicates(true); // R4's own files have some code systems twice
        found.setCanRunWithoutTerminology(true);
        found.setNoTerminologyServer(true);
        found.setExpansionParameters(new Parameters());
        for (String name : DEFINITIONS) {
            try (var stream = ValidateByModel.class.getResourceAsStream(R4 + name)) {
                found.loadFromFile(stream, name, loader);
            }
        }
        return found;
    }
}
