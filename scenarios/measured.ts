/** Puts the tables of calibration files where a scenario says `measured`. */
import type { Path } from '../config/issues.ts';
import {
  type Calibration,
  type CalibrationPoint,
  type MeasuredTimes,
  readCalibration,
  tableAt,
} from './calibration.ts';
import type { ArmSpec, FeatureStore, Scenario, TimeDistribution } from './scenario.ts';
import type { ArmForm } from './schema/arms.ts';
import type { MeasuredSource, TimesForm } from './schema/distribution.ts';
import type { FeaturesForm } from './schema/features.ts';
import type { ScenarioForm } from './schema/scenario.ts';

type ArmName = 'baseline' | 'candidate';
const ARMS: readonly ArmName[] = ['baseline', 'candidate'];

/** The places of a scenario that may say `measured`, and what they say. */
export function timesOf({ arms, features }: Pick<ScenarioForm, 'arms' | 'features'>): (readonly [Path, TimesForm])[] {
  const ofArms = ARMS.flatMap((name): (readonly [Path, TimesForm])[] => {
    const { service, overhead } = arms[name];
    return [
      [['arms', name, 'service'], service],
      ...(overhead === undefined ? [] : [[['arms', name, 'overhead'], overhead] as const]),
    ];
  });
  return features.latency === null ? ofArms : [...ofArms, [['features', 'latency'], features.latency]];
}

/**
 * Arms and feature store with distributions throughout. `find` turns a stated file into its place. Throws BadInput with the
 * issues of calibration files.
 */
export function withMeasured(
  { arms, features }: Pick<ScenarioForm, 'arms' | 'features'>,
  find: (path: Path, file: string) => string,
): Pick<Scenario, 'arms' | 'features'> {
  const read = new Map<string, Calibration>();
  const calibrationOf = (path: Path, { file }: MeasuredSource): Calibration => {
    const place = find(path, file);
    const calibration = read.get(place) ?? readCalibration(place).calibration;
    read.set(place, calibration);
    return calibration;
  };
  const armOf = (name: ArmName, { service, overhead, ...rest }: ArmForm): ArmSpec => ({
    ...rest,
    service: resolved(service, () => {
      const source = service as MeasuredSource;
      const arm = source.arm ?? name;
      const calibration = calibrationOf(['arms', name, 'service'], source);
      return {
        kind: 'measured',
        quantiles: busyTable(calibration, source, arm, (point) => point.arms[arm].service),
        declared: calibration.declared[arm],
      };
    }),
    ...(overhead === undefined
      ? {}
      : {
          overhead: resolved(overhead, () => {
            const source = overhead as MeasuredSource;
            const arm = source.arm ?? name;
            const calibration = calibrationOf(['arms', name, 'overhead'], source);
            return {
              kind: 'empirical',
              quantiles: busyTable(calibration, source, arm, (point) => point.arms[arm].overhead),
            };
          }),
        }),
  });
  const { latency } = features;
  return {
    arms: { baseline: armOf('baseline', arms.baseline), candidate: armOf('candidate', arms.candidate) },
    features: { ...features, latency: latency === null ? null : latencyOf(latency, calibrationOf) },
  };
}

function latencyOf(
  latency: NonNullable<FeaturesForm['latency']>,
  calibrationOf: (path: Path, source: MeasuredSource) => Calibration,
): NonNullable<FeatureStore['latency']> {
  return resolved(latency, () => {
    const source = latency as MeasuredSource;
    const calibration = calibrationOf(['features', 'latency'], source);
    const { features } = calibration.declared;
    return {
      kind: 'measured',
      quantiles: busyTable(calibration, source, source.arm ?? 'baseline', (point) => point.features.miss),
      declared: features ?? { kind: 'constant', valueMs: 0 },
    };
  });
}

const resolved = (form: TimesForm, measured: () => TimeDistribution): TimeDistribution =>
  form.kind === 'measured-source' ? measured() : form;

/** The table at the stated utilisation of an arm. */
function busyTable(
  calibration: Calibration,
  { utilisation }: MeasuredSource,
  arm: ArmName,
  table: (point: CalibrationPoint) => MeasuredTimes | null,
): readonly (readonly [number, number])[] {
  // Nobody who read no features has any times of it: no time at all.
  return (
    tableAt(calibration, table, (point) => point.arms[arm].utilisation, utilisation) ?? [
      [0, 0],
      [1, 0],
    ]
  );
}
